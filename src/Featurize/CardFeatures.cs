using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Featurize;

/// <summary>
/// Makes the feature store of an encoder. What finished stores hold is copied and what is left is encoded, each different picture and text once; then
/// the rows are written in the order of the items, so that their bytes do not depend on what was there before (docs/features.md).
/// </summary>
/// <param name="cardFolder">the encoder</param>
/// <param name="ingest">folder of the ingest artifact</param>
/// <param name="store">folder of the whole store</param>
/// <param name="context">where the rows go</param>
internal sealed class CardFeatures(string cardFolder, string ingest, string store, StepContext context) : IDisposable
{
    private const string Visual = "visual", Textual = "textual";

    private readonly EncoderCard _card = EncoderCard.Read(cardFolder);
    private readonly VectorPool _visual = new(context.Output.Unfinished, Visual), _textual = new(context.Output.Unfinished, Textual);

    private int _items;

    /// <summary>The part of the items that is encoded; null: all.</summary>
    public Part? Part { get; init; }

    /// <summary>In how many bits the encoder computes that its folder holds in full; then a sample says how close its vectors are to the full ones. Null: as the card says.</summary>
    public Precision? Precision { get; init; }

    /// <summary>Pictures or texts that run at once; null: as the device wants it.</summary>
    public int? Batch { get; init; }

    /// <summary>Whether finished parts are put together and nothing may be left to encode.</summary>
    public bool Merges { get; init; }

    private string Name => Path.GetFileName(cardFolder);

    /// <summary>Where an interrupted run is taken up, by what lies in <paramref name="unfinished"/>; null: there is nothing.</summary>
    public static string? GoesOn(string unfinished) =>
        VectorPool.CountOf(unfinished, Visual) + VectorPool.CountOf(unfinished, Textual) is > 0 and var count ? $"goes on after {count} vectors" : null;

    public async Task WriteAsync(CancellationToken cancellation)
    {
        foreach (var (key, value) in FinishedStores.Runtime) context.Output.Runtime[key] = value;
        await foreach (var item in ItemsAsync(cancellation))
        {
            _items++;
            if (PictureOf(item) is { } picture) _visual.Want(picture);
            if (TextOf(item) is { } text) _textual.Want(text);
        }
        if (EncoderGraph.ParametersOf(_card) is { } parameters) context.Output.Facts["parameters"] = parameters;
        await CopyAsync(cancellation);
        _visual.Resume(cancellation);
        _textual.Resume(cancellation);
        (await EncodeAsync(_visual, _textual, Precision, $"encode pictures and texts with {Name}", cancellation))?.Report(context.Output.Timings);
        await context.Output.WriteShardsAsync("features", RowsAsync(cancellation), FeatureShards.Rows, cancellation);
        if (Precision is not null) await CompareAsync(cancellation);
        context.Output.Timings["copied"] = _visual.Copied + _textual.Copied;
        context.Output.Timings["encoded"] = _visual.Encoded + _textual.Encoded;
    }

    public void Dispose()
    {
        _visual.Dispose();
        _textual.Dispose();
    }

    private IAsyncEnumerable<CatalogueItem> ItemsAsync(CancellationToken cancellation) =>
        CatalogueItem.ReadAsync(ingest, cancellation).Where(item => Part?.Contains(item.Item) != false);

    private string? PictureOf(CatalogueItem item) => _card.Image is null ? null : item.Picture?.Sha256;

    private string? TextOf(CatalogueItem item) => _card.Text is null ? null : item.TextSha256;

    private async Task CopyAsync(CancellationToken cancellation)
    {
        await FinishedStores.CopyAsync(store, _visual, _textual, context, cancellation);
        var parts = new List<string>();
        foreach (var part in Part is null ? FinishedStores.PartsOf(store) : [context.Output.Replaces]) // other parts may be in the making
            if (await FinishedStores.CopyAsync(part, _visual, _textual, context, cancellation)) parts.Add(Path.GetFileName(part));
        if (Merges && _visual.Missing + _textual.Missing is > 0 and var missing)
            throw new InvalidInputException($"{Name}: {missing} vectors are missing; parts found: {string.Join(", ", parts.DefaultIfEmpty("none"))}; "
                + $"make the others by 'lmmrec featurize --shard {Featurize.Part.MissingBeside(parts)}' on this ingest, or leave --merge out to encode here what is left");
    }

    // Encodes what is missing; gives the pace, null where there was nothing to do.
    private async Task<EncodingPace?> EncodeAsync(VectorPool visual, VectorPool textual, Precision? precision, string what, CancellationToken cancellation)
    {
        if (visual.Missing + textual.Missing == 0) return null;
        using var progress = context.Progress.Start(what, visual.Missing + textual.Missing);
        using var encoder = Encoder.Open(cardFolder, RuntimeOptions.Of(context), precision, Batch);
        var pace = new EncodingPace(context.Clock);
        void Advance(int count) => progress.Advance(count);
        if (visual.Missing > 0) await new PictureEncoding(encoder.Pictures!, visual, pace).RunAsync(PicturesAsync(visual, cancellation), context.Threads, Advance, cancellation);
        if (textual.Missing > 0) await new TextEncoding(encoder.Texts!, textual, pace).RunAsync(TextsAsync(textual, cancellation), context.Threads, Advance, cancellation);
        return pace;
    }

    // Says in the manifest how close a sample of the rounded encoder's vectors is to the full one's.
    private async Task CompareAsync(CancellationToken cancellation)
    {
        using var visual = new VectorPool(context.Output.Unfinished, $"{Visual}-full");
        using var textual = new VectorPool(context.Output.Unfinished, $"{Textual}-full");
        var (pictures, texts) = (new Agreement(_visual, visual), new Agreement(_textual, textual));
        pictures.Want();
        texts.Want();
        await EncodeAsync(visual, textual, precision: null, $"compare a sample with the full {Name}", cancellation);
        context.Output.Facts["cosineToFull"] = new JsonObject { [Visual] = pictures.ToJson(), [Textual] = texts.ToJson() };
    }

    private async IAsyncEnumerable<(string, byte[])> PicturesAsync(VectorPool visual, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pictures = new CataloguePictures(ingest);
        await foreach (var item in ItemsAsync(cancellation))
            if (item.Picture is var (sha256, _) && visual.TryTake(sha256)) yield return (sha256, await pictures.ReadAsync(item, cancellation));
    }

    private async IAsyncEnumerable<(string, string)> TextsAsync(VectorPool textual, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var item in ItemsAsync(cancellation))
            if (item.TextSha256 is { } sha256 && textual.TryTake(sha256)) yield return (sha256, item.Text);
    }

    private async IAsyncEnumerable<FeatureRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var (pictures, texts) = (new ModalityCounts(), new ModalityCounts());
        using var progress = context.Progress.Start($"write vectors of {Name}", _items);
        await foreach (var item in ItemsAsync(cancellation))
        {
            var (picture, text) = (PictureOf(item), TextOf(item));
            var (visual, visualStatus) = Of(_visual, picture, _card.Image is null);
            var (textual, textualStatus) = Of(_textual, text, _card.Text is null);
            pictures.Add(visualStatus);
            texts.Add(textualStatus);
            progress.Advance(1);
            yield return new FeatureRow(item.Item, item.ItemId, visual, visualStatus, textual, textualStatus, picture, text);
        }
        if (_card.Image is not null) context.Output.Facts[Visual] = pictures.ToJson();
        if (_card.Text is not null) context.Output.Facts[Textual] = texts.ToJson();

        static (float[]?, string) Of(VectorPool vectors, string? sha256, bool none) =>
            sha256 is not null ? vectors.Read(sha256) : (null, none ? FeatureStatus.None : FeatureStatus.Missing);
    }
}
