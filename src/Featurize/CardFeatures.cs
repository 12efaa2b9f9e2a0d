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
        var (filling, running) = (encoder.NewBatch(), encoder.NewBatch());
        Task<IReadOnlyList<FeatureRow>>? encoding = null;
        try
        {
            await foreach (var items in CatalogueItem.ReadAsync(ingest, cancellation).Chunk(Encoder.BatchSize).WithCancellation(cancellation))
            {
                var prepared = Prepare(filling, items, cancellation);
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
    private (CatalogueItem Item, string Visual, string Textual)[] Prepare(EncoderBatch batch, CatalogueItem[] items, CancellationToken cancellation)
    {
        var prepared = new (CatalogueItem, string, string)[items.Length];
        Parallel.For(0, items.Length, new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = cancellation }, row =>
        {
            var item = items[row];
            var visual = !batch.HasImages ? FeatureStatus.None
                : item.Image is null ? FeatureStatus.Missing
                : batch.TrySetImage(row, item.Image, out var reason) ? FeatureStatus.Ok
                : reason.StartsWith(ImageDecoder.TooLarge, StringComparison.Ordinal) ? FeatureStatus.TooLarge : FeatureStatus.BecauseOf(reason);
            batch.SetText(row, item.Text);
            var textual = !batch.HasTexts ? FeatureStatus.None : item.Text.Length == 0 ? FeatureStatus.Missing : FeatureStatus.Ok;
            prepared[row] = (item, visual, textual);
        });
        return prepared;
    }

    private static IReadOnlyList<FeatureRow> Encode(Encoder encoder, EncoderBatch batch, (CatalogueItem Item, string Visual, string Textual)[] prepared)
    {
        var vectors = Array.Exists(prepared, p => p.Visual == FeatureStatus.Ok || p.Textual == FeatureStatus.Ok) ? encoder.Run(batch) : new EncoderVectors(null, null);
        return [.. prepared.Select((p, row) =>
        {
            var (visual, visualStatus) = Checked(p.Visual, vectors.VisualOf(row));
            var (textual, textualStatus) = Checked(p.Textual, vectors.TextualOf(row));
            return new FeatureRow(p.Item.Item, p.Item.ItemId, visual, visualStatus, textual, textualStatus,
                visualStatus == FeatureStatus.None ? null : p.Item.PictureSha256, textualStatus == FeatureStatus.None ? null : p.Item.TextSha256);
        })];
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
}
