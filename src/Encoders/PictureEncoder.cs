using System.Diagnostics.CodeAnalysis;
using LmmRec.Artifacts;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>The tower that encodes pictures.</summary>
public sealed class PictureEncoder
{
    private readonly Tower _tower;
    private readonly PictureInput _input;
    private int? _width;

    internal PictureEncoder(ImagePreprocessing rule, string folder, Tower tower)
    {
        (_tower, _width) = (tower, tower.Width);
        _input = new PictureInput(rule, folder, tower.Names.Input, tower.InputSizes);
        tower.Check(Inputs(NewBatch()));
    }

    /// <summary>Pictures of every batch, so that a vector never depends on how many others come with it.</summary>
    public int BatchSize => _tower.BatchSize;

    /// <summary>Length of a vector; where the graph does not say it, a first batch finds out.</summary>
    public int Width => _width ??= Run(NewBatch()).Length / BatchSize;

    /// <summary>A batch without pictures.</summary>
    public PictureBatch NewBatch() => new(_input, BatchSize);

    /// <summary>Encodes a batch: [<see cref="BatchSize"/> × <see cref="Width"/>].</summary>
    /// <exception cref="InvalidInputException">The graph is the user's and cannot run, or gives something else than a vector for each picture.</exception>
    /// <exception cref="GraphException">A graph of our own cannot run, such as for want of memory.</exception>
    public float[] Run(PictureBatch batch) => _tower.Run(Inputs(batch), []);

    /// <summary>The vectors of some pictures, in their order.</summary>
    /// <exception cref="InvalidInputException">One cannot be decoded.</exception>
    public IReadOnlyList<float[]> VectorsOf(IReadOnlyList<string> files) =>
        [.. BatchesOf(files).SelectMany(batch => Run(batch).Chunk(Width)).Take(files.Count)];

    /// <summary>What the graph is fed for some pictures.</summary>
    /// <inheritdoc cref="VectorsOf" path="/exception"/>
    internal IEnumerable<Batch> FeedOf(IReadOnlyList<string> files) => BatchesOf(files).SelectMany(batch => _tower.Parts(Inputs(batch))).Select(part => part.Feed);

    // The last picture fills the rows that are left.
    private IEnumerable<PictureBatch> BatchesOf(IReadOnlyList<string> files)
    {
        foreach (var part in files.Chunk(BatchSize))
        {
            var batch = NewBatch();
            for (var row = 0; row < BatchSize; row++)
            {
                var file = part[Math.Min(row, part.Length - 1)];
                if (!batch.TrySet(row, File.ReadAllBytes(file), out var reason)) throw new InvalidInputException($"{file}: {reason}");
            }
            yield return batch;
        }
    }

    private Batch Inputs(PictureBatch batch) => _input.Feed(batch.Pixels);
}

/// <summary>Pictures that are encoded together. Different rows may be filled from different threads.</summary>
public sealed class PictureBatch
{
    private readonly PictureInput _input;

    internal PictureBatch(PictureInput input, int rows) => (_input, Pixels) = (input, new float[rows * input.Size]);

    /// <summary>[rows, 3, H, W] or [rows, H, W, 3]</summary>
    internal float[] Pixels { get; }

    /// <summary>Decodes, resizes and normalises a picture into <paramref name="row"/>.</summary>
    /// <returns>False and why, where the file cannot be decoded; the row keeps what it held.</returns>
    public bool TrySet(int row, byte[] file, [NotNullWhen(false)] out string? reason) => _input.TryWrite(file, Pixels.AsSpan(row * _input.Size, _input.Size), out reason);
}
