using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Artifacts.Tests;

/// <summary>Why steps run, as kinds, and where it began.</summary>
public sealed class CausesTests : IDisposable
{
    private readonly TemporaryFolder _workspace = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Each_reason_is_of_its_kind()
    {
        var (orders, weights) = (_workspace.PathOf("orders.csv"), _workspace.PathOf("model.onnx"));
        await File.WriteAllTextAsync(orders, "a", _cancellation);
        await File.WriteAllTextAsync(weights, "a", _cancellation);
        var step = Step("ingest", 1) with { Files = new Dictionary<string, string> { ["orders.csv"] = orders, ["card/model.onnx"] = weights } };
        await Is(step, ReasonKind.New);
        await RunAsync(step);
        await Is(step with { Options = new JsonObject { ["value"] = 2 } }, ReasonKind.Option);
        await Is(step with { CodeVersion = 2 }, ReasonKind.Code);
        await Is(step with { RunsAgain = _ => "--refresh" }, ReasonKind.Asked);
        await Is(step with { RunsAgain = _ => "--refresh", GoesOn = _ => "goes on" }, ReasonKind.Asked, ReasonKind.GoesOn);
        await Is(step with { Files = new Dictionary<string, string> { ["card/model.onnx"] = weights } }, ReasonKind.Files); // of several files one is gone
        await File.WriteAllTextAsync(orders, "b", _cancellation);
        await Is(step, ReasonKind.Files);
        await File.WriteAllTextAsync(orders, "a", _cancellation);
        await File.WriteAllTextAsync(weights, "b", _cancellation);
        await Is(step, ReasonKind.Encoder);
        await File.WriteAllTextAsync(weights, "a", _cancellation);
        File.Delete(Path.Combine(step.Folder, "users.parquet"));
        await Is(step, ReasonKind.Damaged);

        async Task Is(Step step, params ReasonKind[] kinds) => Assert.Equal(kinds, (await StateAsync(step)).Why.Select(reason => reason.Kind));
    }

    [Fact]
    public async Task Names_and_sizes_of_files_are_the_users_data_and_no_option()
    {
        Step Of(string files) => Step("ingest", 1) with { Options = new JsonObject { ["pictures"] = Hashing.OfText(files) } };
        await RunAsync(Of("1.jpg"));
        Assert.Equal(ReasonKind.Files, Assert.Single((await StateAsync(Of("1.jpg 2.jpg"))).Why).Kind);
    }

    [Fact]
    public async Task A_step_that_runs_since_others_do_has_their_causes_each_once()
    {
        var ingest = Step("ingest", 1);
        var (features, model) = (Step("features", 1, ingest), Step("model", 1, ingest, Step("features", 1, ingest)));
        foreach (var step in new[] { ingest, features, model }) await RunAsync(step);
        var changed = ingest with { Options = new JsonObject { ["value"] = 2 } };

        var causes = new Causes();
        Assert.Equal(["ingest: option value 1 → 2"], Trace(changed, (await StateAsync(changed)).Why));
        Assert.Equal(["ingest: option value 1 → 2"], Trace(features, [], "ingest"));
        Assert.Equal(["model: code version 1 → 2", "ingest: option value 1 → 2"], Trace(model, [new(ReasonKind.Code, "code version 1 → 2")], "ingest", "features"));

        // What changed before this run is known no further than the artifact that it changed.
        await RunAsync(changed);
        causes = new Causes();
        Assert.Equal(["features: input ingest changed"], Trace(features, (await StateAsync(features)).Why));

        IEnumerable<string> Trace(Step step, IReadOnlyList<Reason> why, params string[] upstream) => causes.Trace(step, why, upstream).Select(cause => $"{cause}");
    }

    private Step Step(string name, int value, params Step[] inputs) => new(
        name, _workspace.PathOf(name), 1, new JsonObject { ["value"] = value }, inputs.ToDictionary(input => input.Name, input => input.Folder),
        (context, cancellation) => context.Output.WriteTableAsync([new UserRow(0, $"{context.Output.Recipe.Options["value"]}")], cancellation));

    private Task<StepOutcome> RunAsync(Step step) => new StepRunner(new Silence(), TimeProvider.System, 2, "cpu").RunAsync(step, _cancellation);

    private Task<StepState> StateAsync(Step step) => StepState.OfAsync(step, "cpu", _cancellation);
}
