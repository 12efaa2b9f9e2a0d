using System.CommandLine;
using LmmRec.Artifacts;
using LmmRec.Sample;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec sample serve</c>: the sample shop alone, to look at or to fetch from.</summary>
internal static class SampleCommand
{
    private const int DefaultSeed = 7, DefaultPort = 8014;

    public static Command Create()
    {
        var seed = new WholeNumberOption("--seed", "Which shop; the same seed gives the same bytes.", int.MinValue, int.MaxValue, DefaultSeed);
        var port = new WholeNumberOption("--port", "TCP port on loopback; 0 takes a free one.", 0, ushort.MaxValue, DefaultPort);
        var serve = new Command("serve", "Serves the sample shop on loopback in the file formats of Amazon 2014, until interrupted.") { seed, port };
        serve.SetAction((parsed, cancellation) => ServeAsync(parsed.GetValue(seed), parsed.GetValue(port), cancellation));
        return new Command("sample", "The embedded sample shop.") { serve };
    }

    private static async Task<int> ServeAsync(int seed, int port, CancellationToken cancellation)
    {
        await using var shop = await OpenAsync(seed, port, cancellation);
        foreach (var url in shop.Urls) await Console.Out.WriteLineAsync(url.ToString());
        await Console.Error.WriteLineAsync("serving; Ctrl-C ends it");
        var interrupted = new TaskCompletionSource();
        await using (cancellation.Register(interrupted.SetResult)) await interrupted.Task;
        return ExitCode.Done; // to be interrupted is how serving ends
    }

    private static async Task<SampleShop> OpenAsync(int seed, int port, CancellationToken cancellation)
    {
        try
        {
            return await SampleShop.StartAsync(seed, port, cancellation);
        }
        catch (IOException e)
        {
            throw new InvalidInputException($"--port {port}: cannot listen: {e.Message.TrimEnd('.')}; name another, or 0 for a free one", e);
        }
    }
}
