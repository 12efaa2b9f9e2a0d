using LmmRec.Artifacts;
using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Sources;

namespace LmmRec.Ingest.Tables;

/// <summary>A user's own tables: interactions, and items if there are any.</summary>
/// <param name="folder">the data folder (<c>--data</c>)</param>
/// <param name="interactions">the table of interactions</param>
/// <param name="items">the table of items; null: there is none</param>
internal sealed class TableSource(string folder, InteractionTableOptions interactions, ItemTableOptions? items) : IDataSource
{
    public bool IdsAreIndices => false;

    public async Task<InteractionTable> ReadInteractionsAsync(IngestLog log, CancellationToken cancellation)
    {
        var table = new InteractionBuilder();
        var rows = new InteractionMapping(interactions, table, log);
        await new TableReading(folder, interactions, rows.Columns, InteractionMapping.Kind, log).RunAsync(rows.Add, cancellation);
        rows.Count();
        if (table.Count == 0)
            throw new InvalidInputException($"{string.Join(", ", interactions.Files)}: holds no usable interaction; {log.Faults ?? "there is no row"}");
        return table.Build();
    }

    public async Task<IReadOnlyDictionary<string, ItemRecord>?> ReadCatalogueAsync(IReadOnlySet<string> keys, IngestLog log, CancellationToken cancellation)
    {
        if (items is null) return null;
        var rows = new ItemMapping(items, folder, keys, log);
        await new TableReading(folder, items, rows.Columns, ItemMapping.Kind, log).RunAsync(rows.Add, cancellation);
        rows.Count();
        return rows.Records;
    }
}
