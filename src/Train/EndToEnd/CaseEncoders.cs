using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Harness;
using LmmRec.Train.Recommenders;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.EndToEnd;

/// <summary>Opens the encoders of a case that is trained end to end: one that fills both slots, or one for each.</summary>
internal static class CaseEncoders
{
    /// <summary>The files of a case's encoders, by name; none where it is not trained end to end.</summary>
    public static IReadOnlyDictionary<string, string> FilesOf(TrainCase trainCase) => !trainCase.EndToEnd ? new Dictionary<string, string>()
        : Slots(trainCase).Select(slot => slot.Source).Distinct().SelectMany(source => Encoder.FilesOf(source.Card!, EncoderCard.Read(source.Card!))
            .Select(name => ($"{Manifest.CardFiles}{source.Name}/{name}", Path.Combine(source.Card!, name)))).ToDictionary();

    /// <summary>What of the cards of <paramref name="cases"/> cannot be trained end to end.</summary>
    public static IEnumerable<string> Faults(IEnumerable<TrainCase> cases)
    {
        foreach (var source in cases.Where(trainCase => trainCase.EndToEnd).SelectMany(Slots).Select(slot => slot.Source).Distinct())
            if (EncoderCard.Read(source.Card!).Precision is var precision && precision != Precision.Full)
                yield return $"encoder '{source.Name}' cannot be trained end to end: its precision is {ConfigurationBinder.NameOf(precision)}, and rounded weights have no gradient; name the full encoder";
    }

    /// <summary>
    /// What refuses a case with towers that cannot be trained as the options say, before the first of all cases is trained. An encoder is opened once, however
    /// many cases train it.
    /// </summary>
    /// <returns>Throws an <see cref="InvalidInputException"/> that names the encoder and the tower.</returns>
    public static Action<TrainCase> Checking(EndToEndOptions options)
    {
        var opened = new Dictionary<(string Card, bool Visual, bool Textual), Lazy<bool>>();
        return trainCase =>
        {
            if (!trainCase.EndToEnd) return;
            foreach (var slots in Slots(trainCase).GroupBy(slot => slot.Source))
            {
                var key = (slots.Key.Card!, slots.Any(slot => slot.IsVisual), slots.Any(slot => !slot.IsVisual));
                if (!opened.TryGetValue(key, out var check)) opened[key] = check = new Lazy<bool>(() => Check(slots.Key, [.. slots.Select(slot => slot.IsVisual)], options));
                _ = check.Value; // throws again what it threw
            }
        };
    }

    private static bool Check(FeatureSource source, IReadOnlyList<bool> visual, EndToEndOptions options)
    {
        var encoder = TrainableEncoder.Open(source.Card!);
        foreach (var isVisual in visual) Freeze(isVisual ? encoder.Visual! : encoder.Textual!, source.Name, options);
        return true;
    }

    /// <summary>Opens them at the weights of their cards.</summary>
    /// <param name="trainCase">the case</param>
    /// <param name="epochs">the most that there will be</param>
    /// <param name="data">its items</param>
    /// <param name="catalogue">the slots of the recommender</param>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <param name="options">how they are trained</param>
    /// <param name="context">where pictures, texts and training artifacts are kept meanwhile</param>
    /// <param name="cancellation">ends the reading</param>
    public static async Task<EndToEndTraining> OpenAsync(
        TrainCase trainCase, int epochs, CaseData data, Catalogue catalogue, string ingest, TrainOptions options, StepContext context, CancellationToken cancellation)
    {
        var contents = await ItemContents.ReadAsync(ingest, data, context, cancellation);
        var runtime = RuntimeOptions.Of(context);
        var (encoders, opened, parents) = (new List<EncoderModel>(), new List<IDisposable> { contents }, new Dictionary<string, TrainableEncoder>());
        try
        {
            foreach (var slots in Slots(trainCase).GroupBy(slot => slot.Source))
            {
                var encoder = parents[slots.Key.Name] = TrainableEncoder.Open(slots.Key.Card!);
                var towers = new List<TrainedTower>();
                foreach (var (isVisual, _) in slots)
                {
                    var tower = Tower(encoder, catalogue.Modalities.Single(m => m.IsVisual == isVisual), data, contents, context.Threads);
                    towers.Add(await FrozenAsync(tower, slots.Key.Name, options.Ete, opened, context, cancellation));
                }
                encoders.Add(EncoderModel.Create(
                    Path.Combine(context.Output.Unfinished, "training", slots.Key.Name), slots.Key.Name, towers, options.Ete, encoder.Decays, runtime));
            }
            return new EndToEndTraining(encoders, options.Ete, epochs * TripleSampler.BatchesOf(data.Interactions, options.BatchSize), options.Missing, trainCase.Seed)
            {
                Contents = opened,
                Parents = parents,
            };
        }
        catch
        {
            encoders.ForEach(encoder => encoder.Dispose());
            opened.ForEach(content => content.Dispose());
            throw;
        }
    }

    /// <summary>Writes the encoders as they are now, each into a folder of its name below <paramref name="folder"/>.</summary>
    /// <param name="trainCase">the case</param>
    /// <param name="training">with the weights</param>
    /// <param name="recipe">of the case's artifact: what made the encoders beside their parents, for their cards</param>
    /// <param name="folder">where to</param>
    public static void Write(TrainCase trainCase, EndToEndTraining training, Recipe recipe, string folder)
    {
        foreach (var source in Slots(trainCase).Select(slot => slot.Source).Distinct())
        {
            var session = training.Encoders.Single(encoder => encoder.Name == source.Name).Session;
            var trained = session.Parameters.ToHashSet();
            training.Parents[source.Name].Write(
                Path.Combine(folder, source.Name), $"trained end to end with {trainCase.Recommender.Name}", name => trained.Contains(name) ? session.Parameter(name) : null,
                new() { ["case"] = trainCase.Name, ["ingest"] = recipe.Inputs[TrainStage.Ingest], ["ete"] = recipe.Options["ete"]!.DeepClone() }, half: false);
        }
    }

    /// <summary>The slots that the encoders of a case fill.</summary>
    public static IEnumerable<(bool IsVisual, FeatureSource Source)> Slots(TrainCase trainCase)
    {
        if (trainCase.Features!.Visual is { } visual) yield return (true, visual);
        if (trainCase.Features.Textual is { } textual) yield return (false, textual);
    }

    // The tower with what is not trained frozen, or, where what that gives is kept, without it.
    private static async Task<TrainedTower> FrozenAsync(
        TrainedTower tower, string encoder, EndToEndOptions options, List<IDisposable> opened, StepContext context, CancellationToken cancellation)
    {
        if (Freeze(tower.Graph, encoder, options) is not { } split) return tower;
        var store = await PrefixStore.OpenAsync($"{encoder}-{tower.Name}", split, options.KeepPrefix, tower.Items, (items, _) => tower.Feed(items), context, cancellation);
        opened.Add(store);
        return tower.With(split.Rest, store.Feed);
    }

    // Freezes what is not trained; the tower in two where what that gives is kept.
    private static FrozenPrefix? Freeze(Graph tower, string encoder, EndToEndOptions options)
    {
        try
        {
            if (options.LastBlocks is { } last) TrainedParameters.FreezeBelow(tower, last);
            GradientReach.Require(tower);
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"train.ete: encoder '{encoder}' cannot be trained end to end: {e.Message}", e);
        }
        if (options.KeepPrefix == KeptPrefix.None) return null;
        var split = FrozenPrefix.Split(tower, [.. tower.Outputs.Keys]);
        return split.Kept.Count > 0 ? split : throw new InvalidInputException($"train.ete.keepPrefix: '{tower.Name}' of encoder '{encoder}' has nothing frozen that could be kept; leave keepPrefix out");
    }

    private static TrainedTower Tower(TrainableEncoder encoder, Modality slot, CaseData data, ItemContents contents, int threads)
    {
        if (!slot.IsVisual) return new TrainedTower(slot, encoder.Textual!, data.HasTextual!, rows => encoder.Texts!.Feed([.. rows.Select(row => encoder.Texts.Tokenize(contents.Text(row)))]));
        var input = encoder.Pictures!;
        return new TrainedTower(slot, encoder.Visual!, data.HasVisual!, rows =>
        {
            var pixels = new float[rows.Count * input.Size];
            Rowwise.Do(rows.Count, threads, n =>
            {
                if (!input.TryWrite(contents.Picture(rows[n]), pixels.AsSpan(n * input.Size, input.Size), out var reason))
                    throw new InvalidInputException($"the picture of item '{data.Interactions.ItemIds[rows[n]]}' has a vector and cannot be decoded now: {reason}; run featurize again");
            });
            return input.Feed(pixels);
        });
    }
}
