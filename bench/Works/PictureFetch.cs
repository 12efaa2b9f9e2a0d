using System.Diagnostics;
using System.Globalization;
using System.Net;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Pictures;

namespace LmmRec.Bench.Works;

/// <summary>Fetches pictures of 20 KB from a server in a process of its own on the same cores, into the shards of a committed artifact. Operations are pictures.</summary>
internal sealed class PictureFetch : Work
{
    private const string Host = "shop.test";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _server;
    private readonly IPEndPoint _endpoint;
    private readonly int _pictures;
    private int _run;

    public PictureFetch(Arguments arguments)
    {
        _pictures = arguments.Batch > 0 ? arguments.Batch : 10_000;
        _server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve-pictures"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        _endpoint = new IPEndPoint(IPAddress.Loopback, int.Parse(_server.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture));
    }

    public override string What => $"{_pictures} pictures of 20 KB into shards";

    public override double Operations => _pictures;

    public override void Run() => RunAsync().GetAwaiter().GetResult();

    public override void Dispose()
    {
        _server.StandardInput.Close();
        _server.WaitForExit();
        _server.Dispose();
        _folder.Dispose();
    }

    private async Task RunAsync()
    {
        var artifact = _folder.PathOf($"run-{_run++}");
        var options = new ImageOptions();
        using var fetcher = new Fetcher(new FetchPolicy().Unpaced, TimeProvider.System, new Dictionary<string, IPEndPoint> { [Host] = _endpoint });
        var output = new ArtifactWriter(artifact, new Recipe("bench", 1, [], []));
        using (var collection = await PictureCollection.OpenAsync(options, output, CancellationToken.None))
        {
            await collection.GetAsync([.. Enumerable.Range(0, _pictures).Select(i => new PictureWish($"A{i}", [PicturePlace.OnWeb($"http://{Host}/{i}.jpg")]))],
                new PictureQuestion(AskAgain.Nothing, Since: null), (former, done) => new PictureDownloads(fetcher, options, former, AskAgain.Nothing, TimeProvider.System, done), () => { }, CancellationToken.None);
            await collection.WriteAsync(output, [.. Enumerable.Range(0, _pictures).Select(i => new ItemRow(i, $"A{i}", null, null, [], null, null, ""))],
                row => { if (row.Status != PictureStatus.Ok) throw new InvalidOperationException(row.Reason); }, CancellationToken.None);
        }
        await output.CommitAsync(CancellationToken.None);
        Directory.Delete(artifact, recursive: true);
    }
}
