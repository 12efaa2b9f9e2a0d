using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tuning;

/// <summary>An encoder that is to be tuned.</summary>
/// <param name="Name">its name in the configuration</param>
/// <param name="CardFolder">folder of the encoder that it is tuned from</param>
/// <param name="Options">how</param>
/// <param name="Folder">folder of the artifact: an encoder like those of <c>onnx-models</c></param>
public sealed record TunedEncoder(string Name, string CardFolder, TuneOptions Options, string Folder);

/// <summary>The stage between ingest and featurize: tunes encoders on the shop's pairs of picture and text, one artifact each.</summary>
public static class TuneStage
{
    private const int CodeVersion = 2;
    private const string Ingest = "ingest";

    /// <summary>One step per encoder.</summary>
    /// <param name="encoders">what is tuned</param>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <exception cref="ConfigurationException">An encoder cannot be tuned; all are listed.</exception>
    public static IReadOnlyList<Step> Steps(IReadOnlyList<TunedEncoder> encoders, string ingest) => [.. Checked(encoders).Select(e => Step(e.Encoder, e.Card, ingest))];

    /// <summary>What a tuning would train, and on what. Writes nothing.</summary>
    /// <param name="encoder">what would be tuned</param>
    /// <param name="ingest">folder of the ingest artifact, which need not be there</param>
    /// <param name="cancellation">ends the reading of the catalogue</param>
    /// <exception cref="ConfigurationException">The encoder cannot be tuned.</exception>
    /// <exception cref="InvalidInputException">The same, as its files or the catalogue show.</exception>
    public static Task<TuneOutlook> OutlookAsync(TunedEncoder encoder, string ingest, CancellationToken cancellation) => TuneOutlook.OfAsync(Checked([encoder])[0].Encoder, ingest, cancellation);

    private static IReadOnlyList<(TunedEncoder Encoder, EncoderCard Card)> Checked(IReadOnlyList<TunedEncoder> encoders)
    {
        var cards = encoders.Select(encoder => EncoderCard.Read(encoder.CardFolder)).ToList();
        List<string> faults = [.. encoders.Zip(cards).SelectMany(e => Faults(e.Second, e.First.Options).Select(fault => $"encoder '{e.First.Name}' cannot be tuned: {fault}"))];
        return faults.Count > 0 ? throw new ConfigurationException(faults) : [.. encoders.Zip(cards).Select(e => (e.First with { Options = e.First.Options.For(e.Second) }, e.Second))];
    }

    private static IEnumerable<string> Faults(EncoderCard card, TuneOptions options)
    {
        if (card.Image is null || card.Text is null)
            yield return $"it reads {(card.Image is null ? "no pictures" : "no texts")}, and tuning brings pictures and texts together; leave the paradigm ft out";
        if (card.Precision != Precision.Full) yield return $"its precision is {ConfigurationBinder.NameOf(card.Precision)}, and rounded weights have no gradient; tune the full encoder";
        if (options.KeepPrefix != KeptPrefix.None && options.LossOf(card) == TuningLoss.Vlmo)
            yield return "tune.keepPrefix keeps what the frozen blocks give for a pair, and the loss vlmo runs pictures with the texts of other pairs through them; set tune.loss to itc, or leave keepPrefix out";
        if (card.Vlmo is null && options.Loss == TuningLoss.Vlmo) yield return "tune.loss is vlmo, and it is no VLMo; allowed: itc, sigmoid";
    }

    private static Step Step(TunedEncoder encoder, EncoderCard card, string ingest) => new(
        $"tune/{encoder.Name}", encoder.Folder, CodeVersion,
        new JsonObject { ["name"] = encoder.Name, ["tune"] = ConfigurationBinder.ToJson(encoder.Options) },
        new Dictionary<string, string> { [Ingest] = ingest }, (context, cancellation) => RunAsync(encoder, card, ingest, context, cancellation))
    {
        Reads = new Dictionary<string, IReadOnlyList<string>> { [Ingest] = CatalogueItem.Tables },
        Files = Encoder.FilesOf(encoder.CardFolder, card).ToDictionary(name => $"{Manifest.CardFiles}{name}", name => Path.Combine(encoder.CardFolder, name)),
        RunsGraphs = true,
        Work = size => TuningWork.Of(encoder.CardFolder, card, encoder.Options, size),
        GoesOn = unfinished => Resume(unfinished).Saved is { } saved
            ? saved.Done == 0 ? $"goes on with epoch {saved.Epoch}" : $"goes on with epoch {saved.Epoch} after {saved.Done} of {saved.Batches.Count} batches" : null,
    };

    private static TuneResume Resume(string unfinished) => new(Path.Combine(unfinished, "state"));

    private static async Task RunAsync(TunedEncoder encoder, EncoderCard card, string ingest, StepContext context, CancellationToken cancellation)
    {
        var (options, output) = (encoder.Options, context.Output);
        var parent = TrainableEncoder.Open(encoder.CardFolder);
        var graph = TunedGraph.Of(parent, options); // what cannot be tuned is refused before hours of reading
        using var pairs = await TuningPairs.ReadAsync(ingest, context, cancellation);
        var (training, heldOut) = Split(encoder, pairs.All);

        var feed = new PairFeed(parent, pairs, options.Seed, context.Threads);
        using var kept = graph.Prefix is not { } split ? null
            : await PrefixStore.OpenAsync(encoder.Name, split, options.KeepPrefix, [.. Enumerable.Range(0, pairs.All.Count)], feed.Of, context, cancellation);
        if (kept is not null) feed = new PairFeed(parent, pairs, options.Seed, context.Threads, kept);
        var measure = new HeldOut(pairs, heldOut, feed, options, context.Threads);
        using var model = TuningModel.Create(Path.Combine(output.Unfinished, "training"), parent, graph, options, RuntimeOptions.Of(context));
        var tuned = new Tuner(encoder.Name, options, parent, model, pairs, training, measure, feed, context).Run(Resume(output.Unfinished), cancellation);

        parent.Write(output.Folder, "fine-tuned on pairs of picture and text", model.Value, Recipe(output.Recipe), options.Half);
        await output.WriteTableAsync(tuned.History, cancellation);
        output.Facts["pairs"] = pairs.Counts;
        output.Facts["heldOut"] = heldOut.Length;
        output.Facts["bestEpoch"] = tuned.Best;
        output.Facts["epochs"] = tuned.Epochs;
        output.Facts[Manifest.Stopped] = tuned.Stopped;
        output.Facts["measured"] = new JsonObject(tuned.History.Where(row => row.Category is null && row.Epoch == tuned.Best).Select(row => KeyValuePair.Create(row.Name, (JsonNode?)row.Value)));
        output.Runtime["onnxruntime"] = RuntimeOptions.Version;
    }

    /// <summary>Parts pairs into those that are trained on and those that are held out: their places.</summary>
    /// <exception cref="InvalidInputException">There are too few of either.</exception>
    internal static (int[] Training, int[] HeldOut) Split(TunedEncoder encoder, IReadOnlyList<Pair> pairs)
    {
        var options = encoder.Options;
        var (training, heldOut) = FoldSplit.HoldOut(pairs, options.HeldOut, options.Fold, SeededRandom.For(options.Seed, "held out"));
        var found = $"encoder '{encoder.Name}' cannot be tuned: {pairs.Count} items have a picture and a text, of which {heldOut.Length} were held out; 2 or more are needed";
        if (heldOut.Length < 2) throw new InvalidInputException($"{found}: raise tune.heldOut, or bring more items");
        if (training.Length < 2) throw new InvalidInputException($"{found} beside them: lower tune.heldOut, or bring more items");
        return (training, heldOut);
    }

    // What made the encoder beside its parent, for its card: a manifest does not go with it into an onnx-models.
    private static JsonObject Recipe(Recipe recipe) => new()
    {
        ["ingest"] = recipe.Inputs[Ingest],
        ["options"] = recipe.Options["tune"]!.DeepClone(),
    };
}
