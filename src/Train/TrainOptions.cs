using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Configuration;
using LmmRec.Train.Data;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train;

/// <summary>What is trained, and how (docs/recommenders.md#training). All but where noted change the output.</summary>
public sealed record TrainOptions : IChecked
{
    /// <summary>Recommenders to train; default <c>bpr</c> and <c>vbpr</c>.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Recommenders { get; init; } = ["bpr", "vbpr"];

    /// <summary>For recommenders that use content: <c>v</c> visual, <c>t</c> textual, <c>vt</c> both; default <c>vt</c>.</summary>
    [MinLength(1), AllowedValues("v", "t", "vt")]
    public IReadOnlyList<string> Modalities { get; init; } = ["vt"];

    /// <summary>One training per seed; default 999.</summary>
    [MinLength(1)]
    public IReadOnlyList<int> Seeds { get; init; } = [999];

    /// <summary>Most epochs; default 1000; 1 to 100000.</summary>
    [Range(1, 100_000)]
    public int Epochs { get; init; } = 1000;

    /// <summary>Triples per step; default 2048; 1 to 1048576.</summary>
    [Range(1, 1 << 20)]
    public int BatchSize { get; init; } = 2048;

    /// <summary>Epochs from one evaluation on the validation split to the next; default 1; 1 to 1000.</summary>
    [Range(1, 1000)]
    public int EvaluateEvery { get; init; } = 1;

    /// <summary>Evaluations without improvement that are borne before training stops; default 20 (MMRec; the paper says 50); 0 to 100000.</summary>
    [Range(0, 100_000)]
    public int Patience { get; init; } = 20;

    /// <summary>
    /// Whether a training begins with the parameters of the model that the case has from before, rows of users and items found by the shop's ids
    /// (docs/recommenders.md#warm-start); default false: with fresh ones. The first training has none and begins cold.
    /// </summary>
    public bool WarmStart { get; init; }

    /// <summary>
    /// What items without a vector get: <c>mean</c> (default) of the vectors that are there, or <c>zero</c>; <c>drop</c>: cases that use the
    /// modality go without these items, which then count as not found.
    /// </summary>
    public MissingPolicy Missing { get; init; } = MissingPolicy.Mean;

    /// <summary>
    /// Hyper-parameters by recommender, such as <c>{ "vbpr": { "reg": [0.1, 0.01] } }</c>. A list is a grid: every combination is trained, and the
    /// best on the validation split is kept.
    /// </summary>
    public JsonObject Options { get; init; } = [];

    /// <summary>How encoders of the paradigm <c>ete</c> are trained with a recommender.</summary>
    public EndToEndOptions Ete { get; init; } = new();

    public IEnumerable<(string Key, string Fault)> Faults()
    {
        foreach (var name in Recommenders.Concat(Options.Select(o => o.Key)).Distinct().Where(name => !Recommender.All.ContainsKey(name)))
            yield return (Options.ContainsKey(name) ? $"options.{name}" : "recommenders", $"unknown recommender '{name}'{NearestName.Hint(name, Recommender.All.Keys)}");
        foreach (var (key, value) in new (string, IReadOnlyList<object>)[] { ("recommenders", Recommenders), ("modalities", Modalities), ("seeds", [.. Seeds.Cast<object>()]) })
            if (value.Distinct().Count() < value.Count) yield return (key, "names a value twice");
        foreach (var (name, options) in Options)
        {
            if (!Recommender.All.TryGetValue(name, out var recommender)) continue;
            if (options is not JsonObject json) yield return ($"options.{name}", "must be an object { … }");
            else
                foreach (var fault in Grid.Faults(recommender.OptionsType, json).Distinct()) yield return ($"options.{name}.{fault.Key}", fault.Text);
        }
    }

    public IEnumerable<(string Key, string Why)> Unused()
    {
        foreach (var (name, _) in Options.Where(o => !Recommenders.Contains(o.Key))) yield return ($"options.{name}", $"'{name}' is not among train.recommenders");
        if (Recommenders.All(name => Options[name] is JsonObject own && own["epochs"] is not null)) yield return ("epochs", "every recommender has epochs of its own");
        if (Recommenders.Any(name => !Recommender.All.TryGetValue(name, out var recommender) || recommender.UsesContent)) yield break;
        yield return ("modalities", "no recommender of train.recommenders uses pictures or texts");
        yield return ("missing", "no recommender of train.recommenders uses pictures or texts");
    }
}
