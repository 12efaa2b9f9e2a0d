using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tuning;

/// <summary>What is trained of a block of an encoder.</summary>
/// <param name="Name">its tower and number, or what comes before or behind the tower's blocks</param>
/// <param name="Trained">numbers that are trained</param>
/// <param name="Frozen">numbers that stay as they are</param>
public sealed record TunedBlock(string Name, long Trained, long Frozen);

/// <summary>What an encoder would be tuned on.</summary>
/// <param name="Items">of the catalogue</param>
/// <param name="Pairs">items with a picture and a text; those whose picture cannot be decoded are left out when the tuning reads them</param>
/// <param name="HeldOut">pairs of them that are not trained on</param>
/// <param name="Batches">of the first epoch, as if no hard negatives came along</param>
/// <param name="BatchSize">pairs of a batch</param>
/// <param name="KeptBytes">what <c>keepPrefix</c> takes of disk; null: the encoder's file does not say it</param>
public sealed record TunedPairs(long? Items, int Pairs, int HeldOut, int Batches, int BatchSize, long? KeptBytes);

/// <summary>What a tuning would train, and on what. Found without writing anything.</summary>
/// <param name="Options">how it would be tuned</param>
/// <param name="Blocks">of all towers, in their order</param>
/// <param name="Pairs">what it would be tuned on; null: not known until ingest has run</param>
public sealed record TuneOutlook(TuneOptions Options, IReadOnlyList<TunedBlock> Blocks, TunedPairs? Pairs)
{
    internal static async Task<TuneOutlook> OfAsync(TunedEncoder encoder, string ingest, CancellationToken cancellation)
    {
        var parent = TrainableEncoder.Open(encoder.CardFolder);
        var graph = TunedGraph.Of(parent, encoder.Options);
        return new TuneOutlook(encoder.Options, BlocksOf(graph.Whole), Manifest.TryRead(ingest) is null ? null : await PairsAsync(encoder, parent, graph.Prefix, ingest, cancellation));
    }

    private static List<TunedBlock> BlocksOf(Graph graph)
    {
        var blocks = Graphs.Blocks.Of(graph);
        return [.. graph.Parameters.GroupBy(p => blocks.Of(p.Name)).OrderBy(block => block.Key.Tower, StringComparer.Ordinal).ThenBy(block => block.Key.Index)
            .Select(block => new TunedBlock(NameOf(block.Key), Numbers(block.Where(p => p.Trainable)), Numbers(block.Where(p => !p.Trainable))))];

        string NameOf(BlockPlace place) => !blocks.AreNamed ? "all" : place switch
        {
            { IsEmbedding: true } => $"{place.Tower}, before",
            { IsHead: true } => $"{place.Tower}, behind",
            _ => $"{place.Tower}, block {place.Index + 1}",
        };

        static long Numbers(IEnumerable<Parameter> parameters) => parameters.Sum(p => p.Tensor.Shape.Size.Value);
    }

    private static async Task<TunedPairs> PairsAsync(TunedEncoder encoder, TrainableEncoder parent, FrozenPrefix? split, string ingest, CancellationToken cancellation)
    {
        var (options, pairs) = (encoder.Options, new List<Pair>());
        var size = split is null ? null : new PrefixSize(split, options.KeepPrefix);
        var kept = (long?)0;
        await foreach (var item in CatalogueItem.ReadAsync(ingest, cancellation))
        {
            if (item is not { Picture: var (sha256, _), TextSha256: { } text }) continue;
            pairs.Add(new Pair(item.Item, Hashing.Half(sha256), Hashing.Half(text)));
            kept += size is null ? 0 : size.Of(Feed(item.Text));
        }
        var (training, heldOut) = TuneStage.Split(encoder, pairs);
        var batches = Tuner.Batches(encoder.Name, pairs, training, options, epoch: 1);
        return new TunedPairs(CatalogueItem.CountOf(ingest), pairs.Count, heldOut.Length, batches.Count, batches[0].Length, kept);

        // A picture's shape is that of all.
        Batch Feed(string text)
        {
            var feed = size!.Inputs.Contains(EncoderGraph.Pixels) ? parent.Pictures!.Feed(new float[parent.Pictures.Size]) : [];
            if (!size.Inputs.Contains(EncoderGraph.Ids) && !size.Inputs.Contains(EncoderGraph.Mask)) return feed;
            foreach (var (name, value) in parent.Texts!.Feed([parent.Texts.Tokenize(text)])) feed[name] = value;
            return feed;
        }
    }
}
