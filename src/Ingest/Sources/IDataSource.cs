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
    /// Whether the ids are indices already, which feature matrices may rely on: such a table is neither filtered nor numbered anew.
    /// </summary>
    bool IdsAreIndices { get; }

    /// <summary>Reads the interactions; unusable lines go to <paramref name="log"/>.</summary>
    Task<InteractionTable> ReadInteractionsAsync(IngestLog log, CancellationToken cancellation);

    /// <summary>Reads what is known of the items <paramref name="keys"/>, by key; null where the source has no catalogue at all.</summary>
    Task<IReadOnlyDictionary<string, ItemRecord>?> ReadCatalogueAsync(IReadOnlySet<string> keys, IngestLog log, CancellationToken cancellation);

    /// <summary>The feature matrices that the source brings; what is damaged of them goes to <paramref name="log"/>.</summary>
    /// <param name="read">the items' keys as they were read; where the ids are indices, by these</param>
    /// <param name="kept">the keys of those that are left, by the index that a row of the matrix is to have</param>
    /// <param name="log">the log</param>
    IReadOnlyList<IFeatureMatrix> OpenMatrices(IReadOnlyList<string> read, IReadOnlyList<string> kept, IngestLog log);
}

/// <summary>A feature matrix that a source brings.</summary>
internal interface IFeatureMatrix
{
    /// <summary>The name that encoders call it by: its file's, without extension.</summary>
    string Name { get; }

    /// <summary>Features of a row.</summary>
    int Columns { get; }

    /// <summary>The rows that there are, each with the index of its item, in ascending order.</summary>
    /// <exception cref="Artifacts.InvalidInputException">A value is NaN, infinite or too large for float32.</exception>
    IEnumerable<(int Item, float[] Vector)> ReadRows();
}
