namespace LmmRec.EndToEnd.BadDays;

/// <summary>A run of a tiny pipeline on which no bad day fell: every stage in seconds, on a cut of the sample. What has been through one must come to the same.</summary>
public sealed class TinyRun : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>What a command is told to run this pipeline.</summary>
    public IReadOnlyList<string> Options { get; private set; } = [];

    /// <summary>Where it ran, and what it comes to; to be left as it is.</summary>
    internal string Workspace => _folder.PathOf("unbroken");

    /// <summary>How often it writes.</summary>
    internal long Writes { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var configuration = _folder.PathOf("tiny.json");
        await File.WriteAllTextAsync(configuration, """
            {
              "ingest": { "sample": 30, "core": 3, "split": { "kind": "user-time" } },
              "train": { "epochs": 3, "options": {} },
              "evaluate": { "baselines": ["item-knn"] }
            }
            """, TestContext.Current.CancellationToken);
        Options = ["--config", configuration];
        using var run = Lmmrec.Start(_folder.Path, ["run", "--workspace", Workspace, .. Options]);
        Writes = await run.WaitForWritesAsync(long.MaxValue);
        (await run.EndAsync()).Expect(0);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>The bad days, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BadDay : ICollectionFixture<TinyRun>
{
    public const string Name = "bad days";
}
