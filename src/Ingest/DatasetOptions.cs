using LmmRec.Artifacts.Configuration;
using LmmRec.Ingest.Tables;

namespace LmmRec.Ingest;

/// <summary>The kinds of input that ingest reads.</summary>
public enum DatasetSource
{
    /// <summary>The embedded shop, made from a seed and fetched over HTTP on this machine.</summary>
    Sample,

    /// <summary>A folder in MMRec's layout: <c>&lt;name&gt;.inter</c> and the feature matrices that encoders name, <c>&lt;encoder&gt;.npy</c>.</summary>
    Mmrec,

    /// <summary>A folder as LATTICE's scripts leave it: <c>5-core/train.json</c>, <c>val.json</c>, <c>test.json</c> and the feature matrices that encoders name.</summary>
    Lattice,

    /// <summary>A user's own tables: interactions, and items if there are any.</summary>
    Table,
}

/// <summary>Which data: the section <c>dataset</c> of the configuration. Every option changes the output.</summary>
public sealed record DatasetOptions : IChecked
{
    /// <summary>Where the data come from. Default: sample.</summary>
    public DatasetSource Source { get; init; } = DatasetSource.Sample;

    /// <summary>
    /// The data set's name: the stem of its <c>.inter</c> file and the name of its folder in the workspace; letters, digits, dot, dash and
    /// underscore. Default: that of the source, such as sample; an MMRec folder needs one.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Which sample shop. Default: 7. Range: any whole number. Other sources do not use it.</summary>
    public int Seed { get; init; } = 7;

    /// <summary>The table of items of source <c>table</c>. Default: none; items are known by their ids alone then.</summary>
    public ItemTableOptions? Items { get; init; }

    /// <summary>The table of interactions of source <c>table</c>, which needs it.</summary>
    public InteractionTableOptions? Interactions { get; init; }

    /// <summary>The name of the data set's folder in the workspace.</summary>
    public string FolderName => Name ?? (Source == DatasetSource.Table ? "table" : "sample");

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Source == DatasetSource.Mmrec && Name is null)
            yield return ("name", "is required for source 'mmrec': the stem of the .inter file, such as \"tiktok\" for tiktok.inter");
        if (Source == DatasetSource.Lattice && Name is null)
            yield return ("name", "is required for source 'lattice': how the data set's folder in the workspace is to be called, such as \"baby\"");
        if (Source == DatasetSource.Table && Interactions is null)
            yield return ("interactions", "is required for source 'table', such as { \"files\": \"orders.csv\", \"columns\": { \"user\": \"customer\", \"item\": \"sku\" } }");
        if (Name is not null && (Name.Trim('.').Length == 0 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_'))))
            yield return ("name", $"\"{Name}\" cannot name a folder; allowed are letters, digits, '.', '-' and '_'");
    }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Why)> Unused()
    {
        if (Source != DatasetSource.Sample) yield return ("seed", "only the sample shop is made from a seed");
        if (Source != DatasetSource.Table && Interactions is not null) yield return ("interactions", "only source 'table' reads it");
        if (Source != DatasetSource.Table && Items is not null) yield return ("items", "only source 'table' reads it");
    }
}
