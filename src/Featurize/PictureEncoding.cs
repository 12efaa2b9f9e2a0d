using System.Collections.Concurrent;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Images;

namespace LmmRec.Featurize;

/// <summary>Encodes pictures in batches, each decoded by a thread of its own while those before it are encoded.</summary>
/// <param name="encoder">encodes</param>
/// <param name="vectors">takes the vectors</param>
/// <param name="pace">measures</param>
internal sealed class PictureEncoding(PictureEncoder encoder, VectorPool vectors, EncodingPace pace)
{
    private readonly ConcurrentBag<PictureBatch> _free = [];

    private sealed record Prepared(PictureBatch Batch, IReadOnlyList<(string Sha256, string Status)> Pictures);

    /// <summary>Encodes all of <paramref name="pictures"/>, which differ.</summary>
    public Task RunAsync(IAsyncEnumerable<(string Sha256, byte[] File)> pictures, int threads, Action<int> advance, CancellationToken cancellation) =>
        pace.EncodeAsync(
            pictures.Chunk(encoder.BatchSize).SelectAheadAsync(chunk => pace.Prepare(chunk.Length, () => Prepare(chunk)), threads, cancellation),
            prepared =>
            {
                Encode(prepared);
                advance(prepared.Pictures.Count);
                return prepared.Pictures.Count;
            },
            cancellation);

    private Prepared Prepare((string Sha256, byte[] File)[] pictures)
    {
        var batch = _free.TryTake(out var used) ? used : encoder.NewBatch();
        return new Prepared(batch, [.. pictures.Select((picture, row) => (picture.Sha256, batch.TrySet(row, picture.File, out var reason) ? FeatureStatus.Ok
            : reason.StartsWith(ImageDecoder.TooLarge, StringComparison.Ordinal) ? FeatureStatus.TooLarge : FeatureStatus.BecauseOf(reason)))]);
    }

    private void Encode(Prepared prepared)
    {
        var encoded = prepared.Pictures.Any(picture => picture.Status == FeatureStatus.Ok) ? encoder.Run(prepared.Batch) : [];
        foreach (var (row, (sha256, status)) in prepared.Pictures.Index())
            if (status == FeatureStatus.Ok) vectors.Add(sha256, encoded.AsSpan(row * encoder.Width, encoder.Width));
            else vectors.Add(sha256, status);
        _free.Add(prepared.Batch);
    }
}
