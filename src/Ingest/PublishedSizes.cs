using LmmRec.Artifacts.Steps;

namespace LmmRec.Ingest;

/// <summary>Sizes of public data sets, for a machine that does not have them yet: Amazon's edition of 2014, 5-core (docs/data.md#k-core).</summary>
public static class PublishedSizes
{
    private const int Core = 5;

    private static readonly Dictionary<string, DatasetSize> ByCategory = new(StringComparer.Ordinal)
    {
        ["Baby"] = new(19_445, 7_050, 160_792),
        ["Sports_and_Outdoors"] = new(35_598, 18_357, 296_337),
        ["Clothing_Shoes_and_Jewelry"] = new(39_387, 23_033, 278_677),
        ["Electronics"] = new(192_403, 63_001, 1_689_188),
    };

    /// <summary>The size of a data set; null: nobody published it.</summary>
    public static DatasetSize? Of(DatasetOptions dataset, IngestOptions options) =>
        dataset is { Source: DatasetSource.Amazon2014, Category: { } category } && options is { Core: Core, Sample: null } ? ByCategory.GetValueOrDefault(category) : null;
}
