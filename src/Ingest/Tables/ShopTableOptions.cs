using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;
using LmmRec.Ingest.Interactions;
using LmmRec.Tables;

namespace LmmRec.Ingest.Tables;

/// <summary>The table of items: the section <c>dataset.items</c>.</summary>
public sealed record ItemTableOptions : TableOptions
{
    /// <summary>Which column holds what.</summary>
    [Required]
    public ItemColumns Columns { get; init; } = new();

    /// <summary>
    /// Pictures in a folder, from the data folder on, such as <c>images/{id}.jpg</c>; the name may end in <c>.*</c> for any ending. The folder is listed
    /// and its names are matched to the items' ids. Such a picture comes before those of <see cref="ItemColumns.Image"/>. Default: none.
    /// </summary>
    public string? Images { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Fault)> Faults()
    {
        foreach (var fault in base.Faults()) yield return fault;
        if (Images is not null && PictureFolder.FaultOf(Images) is { } wrong) yield return ("images", wrong);
    }
}

/// <summary>The columns of the items' table by their names in the files; a field within another is named with a dot, such as <c>details.brand</c>.</summary>
public sealed record ItemColumns
{
    /// <summary>The shop's own id of the item. Of several rows with one id the first counts.</summary>
    [Required]
    public string Id { get; init; } = "";

    /// <summary>Default: none, as for those below.</summary>
    public string? Title { get; init; }

    public string? Brand { get; init; }

    /// <summary>One column, of one category or a list, or several columns.</summary>
    [OneOrMore]
    public IReadOnlyList<string> Categories { get; init; } = [];

    public string? Description { get; init; }

    /// <summary>
    /// One column, of one picture or a list, or several columns: http(s) addresses, or paths from the data folder on. The first that can be had is
    /// taken.
    /// </summary>
    [OneOrMore]
    public IReadOnlyList<string> Image { get; init; } = [];
}

/// <summary>The table of interactions: the section <c>dataset.interactions</c>.</summary>
public sealed record InteractionTableOptions : TableOptions
{
    /// <summary>Which column holds what.</summary>
    [Required]
    public InteractionColumns Columns { get; init; } = new();

    /// <summary>The values of the event column that count, such as <c>["purchase"]</c>. Default: all.</summary>
    [OneOrMore]
    public IReadOnlyList<string> Event { get; init; } = [];

    /// <summary>Rows with a smaller rating, or none, do not count. Default: all count.</summary>
    public double? MinRating { get; init; }

    /// <summary>The unit of times that are numbers. Default: auto, by their size.</summary>
    public TimeUnit TimeUnit { get; init; } = TimeUnit.Auto;

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Fault)> Faults()
    {
        foreach (var fault in base.Faults()) yield return fault;
        if (Event.Count > 0 && Columns.Event is null) yield return ("event", "needs columns.event, the column whose values these are");
        if (MinRating is not null && Columns.Rating is null) yield return ("minRating", "needs columns.rating, the column that holds the ratings");
    }
}

/// <summary>The columns of the interactions' table by their names in the files.</summary>
public sealed record InteractionColumns
{
    /// <summary>The shop's own id of the user.</summary>
    [Required]
    public string User { get; init; } = "";

    /// <summary>The shop's own id of the item.</summary>
    [Required]
    public string Item { get; init; } = "";

    /// <summary>A number such as stars. Default: none, as for those below.</summary>
    public string? Rating { get; init; }

    /// <summary>When it happened: seconds, milliseconds or microseconds since 1970, or ISO 8601.</summary>
    public string? Time { get; init; }

    /// <summary>What happened, such as view or purchase.</summary>
    public string? Event { get; init; }
}
