using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using LmmRec.Bench.Works;

namespace LmmRec.Bench;

/// <summary>Ours and the peer's processes in turn, so that a busy minute falls on both; medians of three.</summary>
internal static class SideBySide
{
    private const int Rounds = 3;

    /// <summary>One JSON line; without the peer or for a work that it does not have, ours alone.</summary>
    public static string Of(string work, Arguments arguments, IReadOnlyList<string> peers)
    {
        var (ours, theirs) = (new List<JsonNode>(), new List<JsonNode>());
        string[] common = ["--inter", arguments.Inter, "--threads", $"{arguments.Threads}", "--batch", $"{arguments.Batch}"];
        var peer = Work.PeerOf(work) is var (script, name) && peers.FirstOrDefault(p => Path.GetFileName(p) == script && File.Exists(p)) is { } path ? new[] { path, name } : null;
        string[] input = peer?[1] switch { "picture" => ["--picture", PictureInput.FilePath], "featurize" => ["--photos", Photos.Folder], _ => [] };
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(Run(Environment.ProcessPath!, ["measure", work, .. common]));
            if (peer is not null) theirs.Add(Run("/usr/bin/python3", [.. peer, .. common, .. input]));
        }
        var line = new JsonObject { ["work"] = work, ["ours_ms"] = Median(ours, "ms_median"), ["peer_ms"] = null, ["ratio"] = null, ["ours_mb"] = Median(ours, "peak_mb"), ["peer_mb"] = null };
        if (theirs.Count > 0)
        {
            line["peer_ms"] = Median(theirs, "ms_median");
            line["ratio"] = Math.Round(Median(ours, "ms_median") / Median(theirs, "ms_median"), 3);
            line["peer_mb"] = Median(theirs, "peak_mb");
        }
        return line.ToJsonString();
    }

    private static double Median(IEnumerable<JsonNode> runs, string field) => Measurement.Median(runs.Select(run => run[field]!.GetValue<double>()));

    private static JsonNode Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        start.Environment["OPENBLAS_NUM_THREADS"] = arguments[Array.IndexOf(arguments, "--threads") + 1].ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}");
        return JsonNode.Parse(output)!;
    }
}
