using System.Globalization;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Cli.Terminal;

/// <summary>What a tuning made of an encoder, and where that lies, on standard output.</summary>
internal static class TuningResults
{
    private static readonly (string Name, string Title, string Format)[] Measured =
    [
        ("held_out_loss", "held-out loss", "0.0000"),
        .. new[] { ("image_text", "picture → text"), ("text_image", "text → picture") }.SelectMany(way => new[] { "recall@1", "recall@5", "recall@10", "median_rank" }
            .Select(metric => ($"{way.Item1}_{metric}", $"{way.Item2} {metric.Replace('_', ' ')}", metric == "median_rank" ? "0.#" : "0.0000"))),
    ];

    public static async Task ShowAsync(string folder, CancellationToken cancellation)
    {
        var facts = Manifest.Read(folder).Facts;
        var best = (int)facts["bestEpoch"]!;
        var history = await TableFile.ReadAsync<TuningRow>(TableFile.PathOf<TuningRow>(folder), cancellation);
        var values = history.Where(row => row.Category is null).ToDictionary(row => (row.Epoch, row.Name), row => row.Value);
        Listing.OfNumbers(["", "before", "after"], [.. Measured.Select(m => (IReadOnlyList<string>)[m.Title, Value(0, m), Value(best, m)])]);
        await Console.Out.WriteLineAsync($"measured on {facts["heldOut"]} pairs that were held out; best epoch: {best} of {facts["epochs"]}");
        if ((string?)facts[Manifest.Stopped] is { } stopped) await Console.Out.WriteLineAsync(stopped);
        await Console.Out.WriteLineAsync($"encoder: {folder}");

        string Value(int epoch, (string Name, string Title, string Format) m) => values[(epoch, m.Name)].ToString(m.Format, CultureInfo.InvariantCulture);
    }
}
