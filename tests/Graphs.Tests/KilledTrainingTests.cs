using System.Diagnostics;

namespace LmmRec.Graphs.Tests;

public sealed class KilledTrainingTests
{
    private const int StepsAhead = 4;

    [Theory]
    [InlineData]
    [InlineData("device")]
    public async Task A_training_killed_twice_and_resumed_gives_the_same_bytes_as_an_unbroken_one(params string[] where)
    {
        using var folder = new TemporaryFolder();
        var (unbroken, killed) = (folder.PathOf("unbroken"), folder.PathOf("killed"));
        await TrainAsync(unbroken, where, last: 31);
        // Killed after a checkpoint of step 6 or 9 and again after 15 or 18: at whatever instant the signal arrives.
        await TrainAsync(killed, where, last: 31, killAt: 8);
        await TrainAsync(killed, where, last: 31, killAt: 17);
        await TrainAsync(killed, where, last: 31);

        var files = Directory.GetFiles(unbroken).Select(Path.GetFileName).Order().ToList();
        Assert.Contains("checkpoint-31.safetensors", files);
        // A kill in the middle of writing may leave a temporary file; nobody reads it.
        Assert.Equal(files, Directory.GetFiles(killed).Select(Path.GetFileName).Where(f => !f!.EndsWith(".writing", StringComparison.Ordinal)).Order());
        Assert.All(files, f => Assert.Equal(File.ReadAllBytes(Path.Combine(unbroken, f!)), File.ReadAllBytes(Path.Combine(killed, f!))));
    }

    private static async Task TrainAsync(string folder, string[] where, int last, int? killAt = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LmmRec.Graphs.Trainer.dll"), folder, $"{last}", .. where])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var guard = new ProcessGuard(process);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        // It may run some steps ahead of what is read here, so that the signal finds it at any point of its work, but not to the end.
        await process.StandardInput.WriteAsync(new string('\n', killAt is null ? last : StepsAhead));
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        var reached = 0;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            reached = int.Parse(line, System.Globalization.CultureInfo.InvariantCulture);
            if (reached == killAt)
            {
                process.Kill(); // SIGKILL
                break;
            }
            if (killAt is null) continue;
            await process.StandardInput.WriteAsync('\n');
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        }
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (killAt is null) Assert.True(process.ExitCode == 0, await errors);
        else Assert.Equal((killAt, 137), (reached, process.ExitCode));
    }
}
