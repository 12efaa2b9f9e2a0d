using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Sources;

/// <summary>What a shop says about an item, whatever the edition of its files (the neutral record of spec 2).</summary>
/// <param name="Title">null: missing</param>
/// <param name="Brand">null: missing</param>
/// <param name="Categories">the entries of the first category path</param>
/// <param name="Description">null: missing</param>
/// <param name="Pictures">where its picture is: http(s) addresses and absolute paths, the preferred first; the first that can be had is taken</param>
internal sealed record ItemRecord(string? Title, string? Brand, IReadOnlyList<string> Categories, string? Description, IReadOnlyList<string> Pictures);

/// <summary>Where interactions and items come from.</summary>
internal interface IDataSource
{
    /// <summary>
    /// Whether the ids are indices already, which feature matrices may rely on: such a table is neither filtered nor numbered anew.
    /// </summary>
    bool IdsAreIndices { get; }

    /// <summary>Reads the interactions; unusable lines go to <paramref name="log"/>.</summary>
    Task<InteractionTable> ReadInteractionsAsync(IngestLog log, CancellationToken cancellation);

    /// <summary>Reads what is known of the items <paramref name="keys"/>, by key; null where the source has no catalogue at all.</summary>
    Task<IReadOnlyDictionary<string, ItemRecord>?> ReadCatalogueAsync(IReadOnlySet<string> keys, IngestLog log, CancellationToken cancellation);

    /// <summary>The feature matrices of <paramref name="items"/> rows that the source brings.</summary>
    IReadOnlyList<NpyMatrix> OpenMatrices(int items);
}
