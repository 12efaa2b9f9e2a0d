using System.Text;
using Microsoft.AspNetCore.Http;

namespace LmmRec.EndToEnd.Monitoring;

/// <summary>Traces and metrics, as a receiver gets them.</summary>
public sealed class TelemetryTests : IDisposable
{
    private static readonly string[] Quick = ["--set", "train.recommenders=[\"bpr\"]", "--set", "train.epochs=1", "--set", "train.options={}", "--set", "evaluate.baselines=[]"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task A_receiver_gets_a_span_for_the_run_with_one_for_each_step_and_counts_of_how_they_ended(string protocol)
    {
        await using var receiver = await Receiver.StartAsync(grpc: protocol == "grpc");
        (await Run([$"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}"], "ingest", "--otlp", receiver.Address)).Expect(0);
        (await Run([$"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}", $"OTEL_EXPORTER_OTLP_ENDPOINT={receiver.Address}"], "run")).Expect(0);

        var spans = receiver.Of("trace").SelectMany(request => request.Way(1, 2, 2)).ToList();
        var run = Assert.Single(spans, span => span.Text(5) == "lmmrec run");
        Assert.Equal(("run", "0"), (run.Attributes(9)["lmmrec.command"], run.Attributes(9)["lmmrec.exit_code"]));
        Assert.True(File.Exists(_folder.PathOf($"artifacts/runs/{run.Attributes(9)["lmmrec.run"]}.json")));
        Assert.Equal("", run.Id(4));
        var steps = spans.Where(span => span.Id(4) == run.Id(2)).ToDictionary(span => span.Text(5), span => span.Attributes(9));
        Assert.Equal(["compare", "evaluate/bpr-s999", "evaluate/most-popular", "featurize/clip-small", "ingest", "report", "train/bpr-s999"], steps.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("evaluate", "ran", "there is no artifact yet"), (steps["compare"]["lmmrec.stage"], steps["compare"]["lmmrec.state"], steps["compare"]["lmmrec.why"]));
        Assert.Equal("skipped", steps["ingest"]["lmmrec.state"]);
        Assert.Equal(2, spans.Select(span => span.Id(1)).Distinct().Count()); // a trace for each command

        var metrics = receiver.Of("metrics").Last().Way(1, 2, 2).ToDictionary(metric => metric.Text(1));
        Assert.Equal(["lmmrec.exit_code", "lmmrec.step.duration", "lmmrec.steps"], metrics.Keys.Order(StringComparer.Ordinal));
        var counts = metrics["lmmrec.steps"].Way(7, 1).ToDictionary(point => (point.Attributes(7)["lmmrec.stage"], point.Attributes(7)["lmmrec.state"]), point => point.Number(6));
        Assert.Equal((1UL, 1UL, 4UL), (counts[("ingest", "skipped")], counts[("train", "ran")], counts[("evaluate", "ran")]));
        Assert.Equal(4UL, Assert.Single(metrics["lmmrec.step.duration"].Way(9, 1), point => point.Attributes(9)["lmmrec.stage"] == "evaluate").Number(4));
    }

    [Fact]
    public async Task It_says_nothing_of_the_machine_but_what_the_user_has_it_say()
    {
        await using var receiver = await Receiver.StartAsync(grpc: false);
        (await Run(["OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment=night"], "run", "--otlp", receiver.Address)).Expect(0);

        Assert.All(receiver.Of("trace").Concat(receiver.Of("metrics")).SelectMany(request => request.Way(1, 1)), resource =>
        {
            var attributes = resource.Attributes(1);
            Assert.Equal(("lmmrec", "night"), (attributes["service.name"], attributes["deployment.environment"]));
            Assert.Equal(["deployment.environment", "service.name", "service.version", "telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version"], attributes.Keys.Order(StringComparer.Ordinal));
        });
        var all = Encoding.Latin1.GetString([.. receiver.Bytes]);
        foreach (var word in new[] { Environment.MachineName, _folder.Path }) Assert.DoesNotContain(word, all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_fails_before_its_first_step_is_told_of()
    {
        await using var receiver = await Receiver.StartAsync(grpc: false);
        (await Run(["OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"], "run", "--device", "cuda:99", "--otlp", receiver.Address)).Expect(4);
        var run = Assert.Single(receiver.Of("trace").SelectMany(request => request.Way(1, 2, 2)));
        const int Status = 15, Code = 3, Error = 2;
        Assert.Equal(("4", (ulong)Error), (run.Attributes(9)["lmmrec.exit_code"], run.All(Status).Single().Number(Code)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_receiver_that_is_away_or_refuses_is_said_once_and_changes_nothing(bool away)
    {
        var receiver = await Receiver.StartAsync(grpc: false, StatusCodes.Status403Forbidden);
        var address = receiver.Address.Replace("//", "//me:secret@", StringComparison.Ordinal);
        if (away) await receiver.DisposeAsync();

        var ended = (await Run(["OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"], "run", "--otlp", address)).Expect(0);
        Assert.Contains("report: ", ended.Output, StringComparison.Ordinal);
        var said = Assert.Single(ended.Error.Split('\n'), line => line.Contains("telemetry", StringComparison.Ordinal));
        Assert.Equal($"warning: not all telemetry reached {receiver.Address}/; the run is not affected", said);
        if (!away) await receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_receiver_that_takes_all_and_never_answers_is_not_waited_for()
    {
        await using var receiver = await Receiver.StartAsync(grpc: false, status: null);
        var ended = (await Run(["OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_EXPORTER_OTLP_TIMEOUT=86400000"], "ingest", "--otlp", receiver.Address)).Expect(0); // ms: it would be a day
        Assert.NotEmpty(receiver.Of("trace"));
        Assert.Contains($"warning: not all telemetry reached {receiver.Address}/; the run is not affected", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=garbage", "OTEL_EXPORTER_OTLP_ENDPOINT: is no http(s) address, such as http://localhost:4317; no telemetry is sent")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS=secret", "the variables OTEL_… cannot be used, so no telemetry is sent: ", "--otlp", "http://127.0.0.1:9")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE=nowhere.pem", "", "--otlp", "https://127.0.0.1:9")]
    public async Task Variables_that_cannot_be_used_are_said_once_and_change_nothing(string variable, string said, params string[] receiver)
    {
        var ended = (await Run([variable], "ingest", ["--summary", "summary.json", .. receiver])).Expect(0);
        Assert.StartsWith($"warning: {said}", Assert.Single(ended.Error.Split('\n'), line => line.Contains("telemetry", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ended.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.PathOf("summary.json")));
    }

    [Fact]
    public async Task Requests_for_pictures_do_not_say_which_trace_they_belong_to()
    {
        await using var receiver = await Receiver.StartAsync(grpc: false);
        var products = Enumerable.Range(0, 20).Select(product => $"p{product:D2}").ToList();
        await File.WriteAllLinesAsync(_folder.PathOf("items.csv"), ["id,title,picture", .. products.Select(id => $"{id},thing {id},{receiver.Address}/{id}.png")], TestContext.Current.CancellationToken);
        Purchases.Write(_folder.PathOf("orders.csv"), [.. products.Select(id => (id, id[^1..]))], seed: 3);
        await File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), """
            { "dataset": { "source": "table", "name": "shop",
                "items": { "files": "items.csv", "columns": { "id": "id", "title": "title", "image": "picture" } },
                "interactions": { "files": "orders.csv", "columns": { "user": "customer", "item": "product", "time": "bought_at" } } },
              "ingest": { "privateHosts": ["127.0.0.1"], "images": { "retries": 1 } } }
            """, TestContext.Current.CancellationToken);
        await Run(["OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"], "ingest", "--otlp", receiver.Address); // whatever comes of pictures that are none
        Assert.NotEmpty(receiver.Of("trace"));
        var pictures = receiver.Requests.Where(request => request.Path.EndsWith(".png", StringComparison.Ordinal)).ToList();
        Assert.Equal(products, pictures.Select(request => request.Path[1..^4]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(pictures, request => Assert.Null(request.TraceParent));
    }

    private Task<Ended> Run(string[] variables, string command, params string[] arguments) => Lmmrec.RunUnderAsync(_folder.Path, variables, [command, .. command == "run" ? Quick : [], .. arguments]);
}
