using System.Text.Json.Serialization;
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

    /// <summary>A category of Amazon's reviews in the edition of 2014; its files as they are published, from the data folder or fetched.</summary>
    [JsonStringEnumMemberName("amazon-2014")]
    Amazon2014,

    /// <summary>The same in the edition of 2018.</summary>
    [JsonStringEnumMemberName("amazon-2018")]
    Amazon2018,

    /// <summary>The same in the edition of 2023.</summary>
    [JsonStringEnumMemberName("amazon-2023")]
    Amazon2023,
}

/// <summary>The files that tell who met which of Amazon's products.</summary>
public enum AmazonInteractions
{
    /// <summary>The reviews; of the editions of 2014 and 2018 the file of their 5-core.</summary>
    Reviews,

    /// <summary>All ratings, without words.</summary>
    Ratings,
}

/// <summary>Which data: the section <c>dataset</c> of the configuration. Every option changes the output.</summary>
public sealed record DatasetOptions : IChecked
{
    private const string Amazons = "only Amazon's editions use it";

    /// <summary>Where the data come from. Default: sample.</summary>
    public DatasetSource Source { get; init; } = DatasetSource.Sample;

    /// <summary>
    /// The data set's name: the stem of its <c>.inter</c> file and the name of its folder in the workspace; letters, digits, dot, dash and
    /// underscore. Default: that of the source, such as sample or amazon-2014-Baby; an MMRec or LATTICE folder needs one.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Which sample shop. Default: 7. Range: any whole number. Other sources do not use it.</summary>
    public int Seed { get; init; } = 7;

    /// <summary>The table of items of source <c>table</c>. Default: none; items are known by their ids alone then.</summary>
    public ItemTableOptions? Items { get; init; }

    /// <summary>The table of interactions of source <c>table</c>, which needs it.</summary>
    public InteractionTableOptions? Interactions { get; init; }

    /// <summary>Which of Amazon's categories, as their files' names have it, such as <c>Baby</c> or <c>Sports_and_Outdoors</c>. An Amazon edition needs one.</summary>
    public string? Category { get; init; }

    /// <summary>Which of an Amazon edition's files tell the interactions. Default: reviews.</summary>
    public AmazonInteractions From { get; init; } = AmazonInteractions.Reviews;

    /// <summary>
    /// The http(s) address of a folder of Amazon's files, by their published names, that is asked for those that do not lie in the data folder. Default:
    /// the public ones. Where a file comes from does not change the output.
    /// </summary>
    public string? Mirror { get; init; }

    /// <summary>The name of the data set's folder in the workspace.</summary>
    public string FolderName => Name ?? (IsAmazon ? $"{SourceName}-{Category}" : SourceName);

    /// <summary>Whether the source is an edition of Amazon's reviews.</summary>
    internal bool IsAmazon => Source is DatasetSource.Amazon2014 or DatasetSource.Amazon2018 or DatasetSource.Amazon2023;

    /// <summary>The source as configurations name it.</summary>
    internal string SourceName => ConfigurationBinder.NameOf(Source);

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Source == DatasetSource.Mmrec && Name is null)
            yield return ("name", "is required for source 'mmrec': the stem of the .inter file, such as \"tiktok\" for tiktok.inter");
        if (Source == DatasetSource.Lattice && Name is null)
            yield return ("name", "is required for source 'lattice': how the data set's folder in the workspace is to be called, such as \"baby\"");
        if (Source == DatasetSource.Table && Interactions is null)
            yield return ("interactions", "is required for source 'table', such as { \"files\": \"orders.csv\", \"columns\": { \"user\": \"customer\", \"item\": \"sku\" } }");
        if (IsAmazon && Category is null)
            yield return ("category", $"is required for source '{SourceName}', as the files' names have it, such as \"Baby\" or \"Sports_and_Outdoors\"");
        if (Category is not null && (Category.Length == 0 || Category.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))))
            yield return ("category", $"\"{Category}\" is no category; allowed are letters, digits, '_' and '-', such as \"Baby\" or \"Sports_and_Outdoors\"");
        if (Mirror is not null && !(Uri.TryCreate(Mirror, UriKind.Absolute, out var mirror) && mirror.Scheme is "http" or "https"))
            yield return ("mirror", "is no http(s) address of a folder, such as \"https://files.example.com/amazon\"");
        if (Name is not null && (Name.Trim('.').Length == 0 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_'))))
            yield return ("name", $"\"{Name}\" cannot name a folder; allowed are letters, digits, '.', '-' and '_'");
    }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Why)> Unused()
    {
        if (Source != DatasetSource.Sample) yield return ("seed", "only the sample shop is made from a seed");
        if (Source != DatasetSource.Table && Interactions is not null) yield return ("interactions", "only source 'table' reads it");
        if (Source != DatasetSource.Table && Items is not null) yield return ("items", "only source 'table' reads it");
        if (IsAmazon) yield break;
        if (Category is not null) yield return ("category", Amazons);
        yield return ("from", Amazons);
        if (Mirror is not null) yield return ("mirror", Amazons);
    }
}
