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
        .Where(other => KindOf(other.Name) == _kind && Subject(_kind, other.Manifest.Recipe.Options) == Subject(_kind, step.Options))
        .Select(other => (Finished: other, Times: Times(other))).Where(like => like.Times is not null)
        .OrderByDescending(like => like.Finished.Name == step.Name && like.Finished.Size == size)
        .ThenByDescending(like => Shared(like.Finished.Manifest.Recipe.Options))
        .ThenBy(like => Math.Abs(Math.Log(like.Times!.Value)))
        .Select(like => ((FinishedStep, double)?)(like.Finished, like.Times!.Value)).FirstOrDefault();

    // Recommenders and encoders differ by far; what is done by one and the same differs by how much there is of it.
    private static string Subject(string kind, JsonObject options) => kind switch
    {
        "train" => $"{options["recommender"]} {(options.ContainsKey("ete") ? options["ete"]!.ToJsonString() : "")}",
        "tune" or "featurize" => $"{options["name"]}",
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
            "train" => more * Ahead(other) / (int?)other.Manifest.Facts["epochsOfAllSettings"], // null: by an older lmmrec
            "tune" => more * (int)step.Options["tune"]!["epochs"]! / (int)other.Manifest.Recipe.Options["tune"]!["epochs"]!,
            "compare" or "report" => more * Inputs / Math.Max(1.0, other.Manifest.Recipe.Inputs.Count),
            _ => more,
        };
    }

    private int Inputs => step.Inputs.Count + step.Optional.Count;

    // Epochs of all settings. A training that is like one that ended early is thought to end as early.
    private double Ahead(FinishedStep other)
    {
        var recipe = other.Manifest.Recipe.Options;
        var (ran, most) = ((int)other.Manifest.Facts["epochs"]!, recipe["settings"]!.AsArray().Max(setting => MostEpochs(setting, recipe)));
        return TrainStage.EpochsOfAllSettings(step.Options, ran < most ? ran : null);
    }

    private static int MostEpochs(JsonNode? setting, JsonObject options) => (int?)setting?["epochs"] ?? (int)options["epochs"]!;
}
