using System.Globalization;
using LmmRec.Cli.Estimates;
using LmmRec.Train.Tuning;

namespace LmmRec.Cli.Terminal;

/// <summary>What a tuning would train, and on what, on standard output.</summary>
internal static class TuningOutlook
{
    private const string Unknown = "not known until ingest has run";

    public static async Task ShowAsync(TuneOutlook outlook)
    {
        Listing.OfNumbers(
            ["parameters", "trained", "frozen"],
            [.. outlook.Blocks.Append(new TunedBlock("in all", outlook.Blocks.Sum(b => b.Trained), outlook.Blocks.Sum(b => b.Frozen))).Select(b => (IReadOnlyList<string>)[b.Name, Number(b.Trained), Number(b.Frozen)])]);
        var (options, pairs) = (outlook.Options, outlook.Pairs);
        await Console.Out.WriteLineAsync(pairs is null ? $"pairs of picture and text: {Unknown}; epochs: {options.Epochs}, with batches of {options.Batch}"
            : $"pairs of picture and text: {pairs.Pairs} of {pairs.Items} items, held out: {pairs.HeldOut}; epochs: {options.Epochs}, each of {pairs.Batches} batches of {pairs.BatchSize}");
        if (options.KeepPrefix == KeptPrefix.None) return;
        await Console.Out.WriteLineAsync($"kept prefix: {(pairs is null ? Unknown : pairs.KeptBytes is { } bytes ? $"{Estimate.Size(bytes)} of disk until the tuning ends" : "not known; the encoder's file does not say how much")}");
    }

    private static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
