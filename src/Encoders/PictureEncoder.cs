using System.Diagnostics.CodeAnalysis;
using LmmRec.Artifacts;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>The tower that encodes pictures.</summary>
public sealed class PictureEncoder
{
    private readonly Tower _tower;
    private readonly ImagePreprocessing _rule;
    private readonly Normalisation _normalisation;
    private readonly int[] _shape; // of a picture
    private int? _width;

    internal PictureEncoder(ImagePreprocessing rule, string folder, Tower tower)
    {
        (_rule, _tower, _width) = (rule, tower, tower.Width);
        _shape = rule.ShapeIn(tower.InputSizes);
        _normalisation = new Normalisation(rule, Normalisation.ReadMeanImage(rule, folder), channelsLast: _shape is [.., 3]);
        tower.Check(Inputs(NewBatch()));
    }

    /// <summary>Pictures of every batch, so that a vector never depends on how many others come with it.</summary>
    public int BatchSize => _tower.BatchSize;

    /// <summary>Length of a vector; where the graph does not say it, a first batch finds out.</summary>
    public int Width => _width ??= Run(NewBatch()).Length / BatchSize;

    /// <summary>A batch without pictures.</summary>
    public PictureBatch NewBatch() => new(_rule, _normalisation, BatchSize);

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

    private Batch Inputs(PictureBatch batch) => new()
    {
        [_tower.Names.Input] = TensorData.Of(batch.Pixels, [BatchSize, .. _shape]),
    };
}

/// <summary>Pictures that are encoded together. Different rows may be filled from different threads.</summary>
public sealed class PictureBatch
{
    private readonly ImagePreprocessing _rule;
    private readonly Normalisation _normalisation;
    private readonly int _size;

    internal PictureBatch(ImagePreprocessing rule, Normalisation normalisation, int rows)
    {
        (_rule, _normalisation, _size) = (rule, normalisation, 3 * rule.Height * rule.Width);
        Pixels = new float[rows * _size];
    }

    /// <summary>[rows, 3, H, W] or [rows, H, W, 3]</summary>
    internal float[] Pixels { get; }

    /// <summary>Decodes, resizes and normalises a picture into <paramref name="row"/>.</summary>
    /// <returns>False and why, where the file cannot be decoded; the row keeps what it held.</returns>
    public bool TrySet(int row, byte[] file, [NotNullWhen(false)] out string? reason)
    {
        if (!ImageDecoder.TryDecode(file, _rule.ApplyOrientation, _rule.ResizeAndCrop, out var image, out reason)) return false;
        _normalisation.Write(image, Pixels.AsSpan(row * _size, _size));
        return true;
    }
}
