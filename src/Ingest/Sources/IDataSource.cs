using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Pictures;

namespace LmmRec.Ingest.Sources;

/// <summary>What a shop says about an item, whatever the edition of its files (docs/data.md#items).</summary>
/// <param name="Title">null: missing</param>
/// <param name="Brand">null: missing</param>
/// <param name="Categories">the entries of the first category path</param>
/// <param name="Description">null: missing</param>
/// <param name="Pictures">where its picture is, the preferred place first; the first that can be had is taken</param>
internal sealed record ItemRecord(string? Title, string? Brand, IReadOnlyList<string> Categories, string? Description, IReadOnlyList<PicturePlace> Pictures);

/// <summary>Where interactions and items come from.</summary>
internal interface IDataSource
{
    /// <summary>
    /// Whether items have indices already, which the rows of feature matrices may rely on: such a table is neither filtered nor numbered anew.
    /// </summary>
    bool IdsAreIndices { get; }

    /// <summary>Reads the interactions; unusable lines go to <paramref name="log"/>.</summary>
    Task<InteractionTable> ReadInteractionsAsync(IngestLog log, CancellationToken cancellation);

    /// <summary>Reads what is known of the items <paramref name="keys"/>, by key; null where the source has no catalogue at all.</summary>
    Task<IReadOnlyDictionary<string, ItemRecord>?> ReadCatalogueAsync(IReadOnlySet<string> keys, IngestLog log, CancellationToken cancellation);
}
