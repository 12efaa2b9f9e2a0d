using System.Runtime.CompilerServices;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Featurize;

/// <summary>Runs an encoder over all items: the next batch is decoded and tokenised while the one before it is encoded.</summary>
/// <param name="cardFolder">the encoder</param>
/// <param name="ingest">folder of the ingest artifact</param>
/// <param name="context">where the vectors go</param>
internal sealed class CardFeatures(string cardFolder, string ingest, StepContext context)
{
    private const int TextsAtOnce = 64; // of an encoder that reads no pictures

    private readonly ModalityCounts _visual = new(), _textual = new();

    public async Task WriteAsync(CancellationToken cancellation)
    {
        using var encoder = Encoder.Open(cardFolder, new RuntimeOptions { Device = context.Device, Threads = context.Threads });
        context.Output.Runtime["onnxruntime"] = RuntimeOptions.Version;
        var start = context.Clock.GetTimestamp();
        await context.Output.WriteShardsAsync("features", EncodeAsync(encoder, cancellation), FeatureShards.Rows, cancellation);
        Report(encoder, context.Clock.GetElapsedTime(start));
    }

    private async IAsyncEnumerable<FeatureRow> EncodeAsync(Encoder encoder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var progress = context.Progress.Start($"encode items with {Path.GetFileName(cardFolder)}", CatalogueItem.CountOf(ingest));
        var size = encoder.Pictures?.BatchSize ?? TextsAtOnce;
        var (filling, running) = (encoder.Pictures?.NewBatch(), encoder.Pictures?.NewBatch());
        Task<IReadOnlyList<FeatureRow>>? encoding = null;
        try
        {
            await foreach (var items in CatalogueItem.ReadAsync(ingest, cancellation).Chunk(size).WithCancellation(cancellation))
            {
                var prepared = Prepare(encoder, filling, items, cancellation);
                if (encoding is not null)
                    foreach (var row in Counted(await encoding)) yield return row;
                (filling, running) = (running, filling);
                var batch = running;
                encoding = Task.Run(() => Encode(encoder, batch, prepared), CancellationToken.None);
                progress.Advance(items.Length);
            }
            if (encoding is not null)
                foreach (var row in Counted(await encoding)) yield return row;
        }
        finally
        {
            // Nobody may close the encoder while it runs.
            if (encoding is not null) await Task.WhenAny(encoding);
        }
    }

    // Statuses before encoding: what is there and could be read is ok.
    private Prepared[] Prepare(Encoder encoder, PictureBatch? pictures, CatalogueItem[] items, CancellationToken cancellation)
    {
        var prepared = new Prepared[items.Length];
        Parallel.For(0, items.Length, new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = cancellation }, row =>
        {
            var item = items[row];
            var visual = pictures is null ? FeatureStatus.None
                : item.Image is null ? FeatureStatus.Missing
                : pictures.TrySet(row, item.Image, out var reason) ? FeatureStatus.Ok
                : reason.StartsWith(ImageDecoder.TooLarge, StringComparison.Ordinal) ? FeatureStatus.TooLarge : FeatureStatus.BecauseOf(reason);
            var textual = encoder.Texts is null ? FeatureStatus.None : item.Text.Length == 0 ? FeatureStatus.Missing : FeatureStatus.Ok;
            prepared[row] = new Prepared(item, visual, textual, textual == FeatureStatus.Ok ? encoder.Texts!.Tokenize(item.Text) : null);
        });
        return prepared;
    }

    private static IReadOnlyList<FeatureRow> Encode(Encoder encoder, PictureBatch? batch, Prepared[] prepared)
    {
        var pictures = Array.Exists(prepared, p => p.Visual == FeatureStatus.Ok) ? encoder.Pictures!.Run(batch!) : [];
        var texts = Texts(encoder.Texts, prepared);
        return [.. prepared.Select((p, row) =>
        {
            var (visual, visualStatus) = Checked(p.Visual, pictures.Length == 0 ? null : Row(pictures, row, encoder.Pictures!.BatchSize));
            var (textual, textualStatus) = Checked(p.Textual, texts[row]);
            return new FeatureRow(p.Item.Item, p.Item.ItemId, visual, visualStatus, textual, textualStatus,
                visualStatus == FeatureStatus.None ? null : p.Item.PictureSha256, textualStatus == FeatureStatus.None ? null : p.Item.TextSha256);
        })];
    }

    // The vectors of the texts, which are encoded with others of the same length.
    private static float[]?[] Texts(TextEncoder? encoder, Prepared[] prepared)
    {
        var vectors = new float[]?[prepared.Length];
        foreach (var length in prepared.Index().Where(p => p.Item.Text is not null).GroupBy(p => p.Item.Text!.Length))
            foreach (var rows in length.Chunk(encoder!.BatchSize))
            {
                var batch = encoder.NewBatch(length.Key);
                foreach (var (row, (_, p)) in rows.Index()) batch.Set(row, p.Text!);
                var encoded = encoder.Run(batch);
                foreach (var (row, (index, _)) in rows.Index()) vectors[index] = Row(encoded, row, encoder.BatchSize);
            }
        return vectors;
    }

    private static float[] Row(float[] vectors, int row, int rows)
    {
        var width = vectors.Length / rows;
        return vectors[(row * width)..((row + 1) * width)];
    }

    private static (float[]? Vector, string Status) Checked(string status, float[]? vector)
    {
        if (status != FeatureStatus.Ok) return (null, status);
        return Array.TrueForAll(vector!, float.IsFinite) ? (vector, status) : (null, FeatureStatus.BecauseOf("the encoder gave a vector that is not finite"));
    }

    private IEnumerable<FeatureRow> Counted(IReadOnlyList<FeatureRow> rows)
    {
        foreach (var row in rows)
        {
            _visual.Add(row.VisualStatus);
            _textual.Add(row.TextualStatus);
            yield return row;
        }
    }

    private void Report(Encoder encoder, TimeSpan elapsed)
    {
        if (encoder.Card.Image is not null) context.Output.Facts["visual"] = _visual.ToJson();
        if (encoder.Card.Text is not null) context.Output.Facts["textual"] = _textual.ToJson();
        context.Output.Timings["vectorsPerSecond"] = Math.Round((_visual.Ok + _textual.Ok) / elapsed.TotalSeconds, 1);
    }

    /// <summary>An item before its vectors are there.</summary>
    private sealed record Prepared(CatalogueItem Item, string Visual, string Textual, TokenizedText? Text);
}
