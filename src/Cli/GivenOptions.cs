using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Commands;
using LmmRec.Featurize;
using LmmRec.Ingest;

namespace LmmRec.Cli;

/// <summary>What the user gave to a run beside the configuration's values, as its record holds it.</summary>
/// <param name="Threads">threads</param>
/// <param name="Jobs">steps at once</param>
/// <param name="Device">where graphs ran</param>
/// <param name="Again">what was asked for again</param>
/// <param name="Merges">whether <c>featurize</c> only puts parts together</param>
/// <param name="Rankings">lists of other programs</param>
/// <param name="Config">the configuration's file as it was named; null: there was none</param>
/// <param name="Data">the data folder as it was named; null: here</param>
/// <param name="Shard">the part of <c>featurize</c>; null: all</param>
/// <param name="Card">the encoder that <c>tune</c> tunes; null: those of the configuration</param>
/// <param name="AllowFull">whether it may redo more than <c>run.mostRedone</c> allows</param>
internal sealed record GivenOptions(
    int Threads, int Jobs, string Device, AskAgain Again, bool Merges, IReadOnlyList<string> Rankings, string? Config = null, string? Data = null, string? Shard = null, string? Card = null,
    bool AllowFull = false)
{
    public static JsonObject Of(EffectiveConfiguration configuration, PipelineOptions options) => (JsonObject)JsonSerializer.SerializeToNode(
        new GivenOptions(
            options.Threads, options.Jobs, options.Device, options.Again, options.Merges, options.Rankings,
            configuration.File, options.Data, options.Shard is { } part ? $"{part.Number}/{part.Count}" : null, options.Card, options.AllowFull),
        Manifest.Json)!;

    public static GivenOptions From(JsonObject json) => json.Deserialize<GivenOptions>(Manifest.Json)!;

    /// <summary>The same as if it were given again.</summary>
    public PipelineOptions Options() => new(Data, Threads, Jobs, Device, Again, DryRun: false, Shard is not null && Part.TryParse(Shard, out var part) ? part : null, Merges, Card) { Rankings = Rankings, AllowFull = AllowFull };
}
