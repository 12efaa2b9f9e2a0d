using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace LmmRec.MachineLearning.Tests;

/// <summary>The example of docs/ml-net.md in a process of its own, on a store of a real one's size.</summary>
public sealed partial class TrainingTests : IDisposable
{
    private const int Items = 20_000, Width = 768;
    private const double MostMegabytes = 800; // the vectors are 59 MB; LightGBM and SDCA each keep what they need of them; 562 on a quiet machine, and the collector is later on a busy one

    private readonly Store _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task PCA_KMeans_SDCA_and_LightGBM_train_on_a_store_of_20_000_vectors_of_768_in_bounded_memory()
    {
        await _store.WriteAsync(Items, Width);
        var output = await RunAsync(_store.Ingest, _store.Features);

        Assert.Contains("visual is Vector<Single, 768>", output, StringComparison.Ordinal);
        Assert.Contains("PCA: components is Vector<Single, 8>", output, StringComparison.Ordinal);
        // Categories lie far apart, so whoever reads the vectors finds them.
        Assert.InRange(Number(output, "KMeans: normalised mutual information with the categories"), 0.7, 1);
        Assert.InRange(Number(output, "SDCA: accuracy"), 0.99, 1);
        Assert.InRange(Number(output, "LightGBM: accuracy"), 0.95, 1);
        Assert.InRange(Number(output, "peak memory:"), 1, MostMegabytes);

        // And another program reads the same files.
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*)::INT, count(visual)::INT, min(len(visual))::INT FROM '{_store.Features}/features-*.parquet'";
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal((Items, Items - (Items + Store.WithoutPicture - 1) / Store.WithoutPicture, Width), (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2)));
    }

    private static double Number(string output, string before) =>
        double.Parse(NumberPattern().Match(output[(output.IndexOf(before, StringComparison.Ordinal) + before.Length)..]).Value, CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LmmRec.Categories.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var guard = new ProcessGuard(process);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{await output}\n{await error}");
        return await output;
    }

    [GeneratedRegex(@"[0-9.]+")]
    private static partial Regex NumberPattern();
}
