using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Train;

namespace LmmRec.Cli.Estimates;

/// <summary>Which finished steps a step is like, and how much more it does: by epochs, users, items and interactions.</summary>
/// <param name="step">the step</param>
/// <param name="size">of its data set; null: not known</param>
internal sealed class Likeness(Step step, DatasetSize? size)
{
    private readonly string _kind = KindOf(step.Name);

    /// <summary>The most like one of some finished steps, and how often its work goes into this step's; null: none is like it.</summary>
    public (FinishedStep Finished, double Times)? Best(IReadOnlyList<FinishedStep> finished) => finished
        .Where(other => KindOf(other.Name) == _kind && Subject(other.Name, other.Manifest.Recipe.Options, other.Manifest.Recipe.Inputs.Keys) == Subject(step.Name, step.Options, step.Inputs.Keys))
        .Select(other => (Finished: other, Times: Times(other))).Where(like => like.Times is not null)
        .OrderByDescending(like => like.Finished.Name == step.Name && like.Finished.Size == size)
        .ThenByDescending(like => Shared(like.Finished.Manifest.Recipe.Options))
        .ThenBy(like => Math.Abs(Math.Log(like.Times!.Value)))
        .Select(like => ((FinishedStep, double)?)(like.Finished, like.Times!.Value)).FirstOrDefault();

    // Recommenders and encoders differ by far; what is done by one and the same differs by how much there is of it. All controls of an encoder's features are
    // made alike, and all trained cases are measured alike.
    private static string Subject(string name, JsonObject options, IEnumerable<string> inputs) => KindOf(name) switch
    {
        "train" => $"{options["recommender"]} {options["ete"]?.ToJsonString()}",
        "featurize" when options["control"] is { } control => $"control of {$"{options["name"]}".Replace($"-{control}", "", StringComparison.Ordinal)}",
        "tune" or "featurize" => $"{options["name"]}",
        "evaluate" => inputs.Any(input => KindOf(input) == "models") ? "" : name,
        _ => "",
    };

    private static string KindOf(string name) => name.Split('/')[0];

    // Options with the same values, such as modalities.
    private int Shared(JsonObject other) => step.Options.Count(option => JsonNode.DeepEquals(option.Value, other[option.Key]));

    private double? Times(FinishedStep other)
    {
        var of = (Func<DatasetSize, double>)(_kind switch
        {
            "train" or "ingest" => s => s.Interactions,
            "tune" or "featurize" => s => s.Items,
            "evaluate" => s => (double)s.Users * s.Items,
            _ => s => s.Users,
        });
        var more = size is not null && other.Size is { } otherSize ? of(size) / Math.Max(1, of(otherSize)) : size == other.Size ? 1 : (double?)null;
        return _kind switch
        {
            "train" => more * Ahead(other) / FinishedStep.Number(other.Manifest.Facts["epochsOfAllSettings"]),
            "tune" => more * TunedEpochs(step.Options) / TunedEpochs(other.Manifest.Recipe.Options),
            "compare" or "report" => more * Inputs / Math.Max(1.0, other.Manifest.Recipe.Inputs.Count),
            _ => more,
        };
    }

    private int Inputs => step.Inputs.Count + step.Optional.Count;

    // Epochs of all settings. A training that is like one that ended early is thought to end as early. Null: an older lmmrec's artifact does not say.
    private double? Ahead(FinishedStep other)
    {
        var (ran, most) = (Ran(other), Settings(other.Manifest.Recipe.Options).DefaultIfEmpty().Max());
        return TrainStage.EpochsOfAllSettings(step.Options, ran < most ? (int)ran.Value : null);
    }

    private static double? Ran(FinishedStep other) => FinishedStep.Number(other.Manifest.Facts["epochs"]) is > 0 and var epochs ? epochs : null;

    // At most so many epochs of each setting.
    private static IEnumerable<double> Settings(JsonObject options) => (options["settings"] as JsonArray ?? [])
        .Select(setting => FinishedStep.Number((setting as JsonObject)?["epochs"]) ?? FinishedStep.Number(options["epochs"])).OfType<double>();

    private static double? TunedEpochs(JsonObject options) => FinishedStep.Number((options["tune"] as JsonObject)?["epochs"]) is > 0 and var epochs ? epochs : null;
}
