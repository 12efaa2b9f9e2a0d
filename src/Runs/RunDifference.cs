using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Runs;

/// <summary>A table of what differs between two runs.</summary>
/// <param name="Headings">of its columns; the last ones are of the first and the second run</param>
/// <param name="Rows">its cells</param>
public sealed record DifferenceTable(IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>What differs between two runs: what they were told, what they read, what ran them, and what came of it.</summary>
/// <param name="Tables">what differs of options, inputs, versions and rows; those that have rows</param>
/// <param name="Metrics">the main metrics of each case, whether they differ or not</param>
/// <param name="NotCompared">what cannot be compared any more, a line each</param>
public sealed record RunDifference(IReadOnlyList<DifferenceTable> Tables, DifferenceTable Metrics, IReadOnlyList<string> NotCompared)
{
    private const string Absent = "–";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // The metrics by which cases are compared, of all users of the test split.
    private static readonly string[] MainMetrics = ["recall", "ndcg"];

    /// <summary>Compares the runs <paramref name="a"/> and <paramref name="b"/> of <paramref name="workspace"/>.</summary>
    /// <exception cref="Artifacts.InvalidInputException">A manifest or a table cannot be read.</exception>
    public static async Task<RunDifference> OfAsync(string workspace, RunRecord a, RunRecord b, CancellationToken cancellation)
    {
        var kept = new KeptArtifacts(workspace).Folders;
        var notCompared = new List<string>();
        var (made, madeByB) = (Artifacts(a), Artifacts(b));
        var metrics = (A: await MetricsAsync(made, cancellation), B: await MetricsAsync(madeByB, cancellation));
        DifferenceTable[] tables =
        [
            Compare(["option"], Options(a), Options(b)),
            Compare(["step", "input"], Inputs(a), Inputs(b)),
            Compare(["version"], Versions(a, made), Versions(b, madeByB)),
            Compare(["step", "table, rows"], Rows(made), Rows(madeByB)),
        ];
        var values = Keys(metrics.A, metrics.B).Select(key => (Key: key, A: metrics.A.GetValueOrDefault(key), B: metrics.B.GetValueOrDefault(key)))
            .Select(row => (IReadOnlyList<string>)[.. row.Key.Split('\n'), Value(row.A), Value(row.B), Change(row.A, row.B)]);
        return new RunDifference([.. tables.Where(table => table.Rows.Count > 0)], new DifferenceTable(["case", "metric", a.Id, b.Id, "difference"], [.. values]), notCompared);

        DifferenceTable Compare(string[] headings, SortedDictionary<string, string> before, SortedDictionary<string, string> after) => new([.. headings, a.Id, b.Id],
            [.. Keys(before, after).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))
                .Select(key => (IReadOnlyList<string>)[.. key.Split('\n'), before.GetValueOrDefault(key, Absent), after.GetValueOrDefault(key, Absent)])]);

        // Where the artifacts of a run are now, by the folder that they were made for.
        SortedDictionary<string, string> Artifacts(RunRecord run)
        {
            var folders = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var step in run.Steps.Where(step => step.Artifact is not null))
            {
                if (Manifest.IdOf(Path.Combine(workspace, step.Folder)) == step.Artifact) folders[step.Folder] = Path.Combine(workspace, step.Folder);
                else if (kept.TryGetValue(step.Artifact!, out var folder)) folders[step.Folder] = folder;
                else notCompared.Add($"{step.Folder} of run {run.Id} is not here any more: gc took it, or it was deleted");
            }
            return folders;
        }
    }

    private static IEnumerable<string> Keys<T>(SortedDictionary<string, T> before, SortedDictionary<string, T> after) => before.Keys.Union(after.Keys).Order(StringComparer.Ordinal);

    private static SortedDictionary<string, string> Options(RunRecord run)
    {
        var options = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Walk(run.Configuration, "");
        foreach (var (name, value) in run.Given) options[$"given: {name}"] = Text(value);
        return options;

        void Walk(JsonNode? node, string path)
        {
            if (node is JsonObject { Count: > 0 } inner)
                foreach (var (name, child) in inner) Walk(child, path.Length == 0 ? name : $"{path}.{name}");
            else if (node is JsonArray list && list.Any(element => element is JsonObject))
                foreach (var (i, element) in list.Index()) Walk(element, $"{path}.{i}");
            else if (node is not null) options[path] = Text(node);
        }

        static string Text(JsonNode? value) => value?.ToJsonString(Readable) ?? Absent;
    }

    private static SortedDictionary<string, string> Inputs(RunRecord run) => Sorted(
        run.Steps.SelectMany(step => (step.Inputs ?? []).Select(input => ($"{step.Folder}\n{input.Key}", input.Value[..Math.Min(12, input.Value.Length)]))));

    private static SortedDictionary<string, string> Versions(RunRecord run, SortedDictionary<string, string> made) => Sorted(
        run.Runtime.Select(version => (version.Key, version.Value))
            .Concat(made.Select(artifact => ($"code of {artifact.Key}", Manifest.Read(artifact.Value).Recipe.CodeVersion.ToString(CultureInfo.InvariantCulture)))));

    private static SortedDictionary<string, string> Rows(SortedDictionary<string, string> made) => Sorted(
        made.SelectMany(artifact => Manifest.Read(artifact.Value).Files.Where(file => file.Value.Rows is not null)
            .Select(file => ($"{artifact.Key}\n{Path.GetFileNameWithoutExtension(file.Key)}", file.Value.Rows!.Value.ToString(CultureInfo.InvariantCulture)))));

    private static async Task<SortedDictionary<string, double?>> MetricsAsync(SortedDictionary<string, string> made, CancellationToken cancellation)
    {
        var metrics = new SortedDictionary<string, double?>(StringComparer.Ordinal);
        foreach (var (name, folder) in made.Where(artifact => File.Exists(TableFile.PathOf<MetricRow>(artifact.Value))))
            foreach (var row in await TableFile.ReadAsync<MetricRow>(TableFile.PathOf<MetricRow>(folder), cancellation))
                if (row is { Split: Splits.Test, Group: "all" } && MainMetrics.Contains(row.Metric)) metrics[string.Create(CultureInfo.InvariantCulture, $"{name}\n{row.Metric}@{row.Cutoff}")] = row.Value;
        return metrics;
    }

    private static string Value(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? Absent;

    private static string Change(double? before, double? after) => (after - before)?.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture) ?? Absent;

    private static SortedDictionary<string, string> Sorted(IEnumerable<(string Key, string Value)> pairs) => new(pairs.ToDictionary(pair => pair.Key, pair => pair.Value), StringComparer.Ordinal);
}
