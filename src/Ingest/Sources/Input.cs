using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Ingest.Http;

namespace LmmRec.Ingest.Sources;

/// <summary>The data that a configuration names.</summary>
/// <param name="Recipe">what of the options determines the tables, beside the files</param>
/// <param name="Files">the user's files, by name: their content enters the fingerprint</param>
/// <param name="OpenAsync">opens them when the step runs</param>
internal sealed record Input(JsonObject Recipe, IReadOnlyDictionary<string, string> Files, Func<StepContext, CancellationToken, Task<OpenInput>> OpenAsync);

/// <summary>Data that are open.</summary>
/// <param name="Source">reads them</param>
/// <param name="Fetcher">fetches their pictures; null where they have none</param>
/// <param name="Owner">closes what they need open beside, such as the embedded shop; null: nothing</param>
internal sealed record OpenInput(IDataSource Source, Fetcher? Fetcher = null, IAsyncDisposable? Owner = null) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        Fetcher?.Dispose();
        if (Owner is not null) await Owner.DisposeAsync();
    }
}
