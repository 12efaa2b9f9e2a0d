using System.Collections;

namespace LmmRec.Ingest.Interactions;

/// <summary>Interactions column by column: 24 bytes each without a split, and a filter that asks for users alone reads users alone.</summary>
internal sealed class InteractionRows : IReadOnlyList<Interaction>
{
    /// <summary>In <see cref="Ticks"/>: less than every time, so that rows without one sort first.</summary>
    public const long NoTime = -1;

    private readonly Column<double> _ratings; // NaN: none
    private Column<Part?>? _parts; // null: no row has one

    public InteractionRows() => (Users, Items, _ratings, Ticks) = (new(), new(), new(), new());

    private InteractionRows(InteractionRows rows, Column<Part?> parts) => (Users, Items, _ratings, Ticks, _parts) = (rows.Users, rows.Items, rows._ratings, rows.Ticks, parts);

    public Column<int> Users { get; }

    public Column<int> Items { get; }

    /// <summary>Times, UTC; <see cref="NoTime"/> where a row has none.</summary>
    public Column<long> Ticks { get; }

    public int Count => Users.Count;

    public Interaction this[int row]
    {
        get => new(Users[row], Items[row], double.IsNaN(_ratings[row]) ? null : _ratings[row], Ticks[row] == NoTime ? null : new DateTime(Ticks[row], DateTimeKind.Utc), _parts?[row]);
        set
        {
            (Users[row], Items[row], _ratings[row], Ticks[row]) = (value.User, value.Item, value.Rating ?? double.NaN, value.Time?.Ticks ?? NoTime);
            if (Parts(value.Part) is { } parts) parts[row] = value.Part;
        }
    }

    /// <summary>Adds a row; a rating that is no number counts as none.</summary>
    public void Add(Interaction row)
    {
        var parts = Parts(row.Part);
        Users.Add(row.User);
        Items.Add(row.Item);
        _ratings.Add(row.Rating ?? double.NaN);
        Ticks.Add(row.Time?.Ticks ?? NoTime);
        parts?.Add(row.Part);
    }

    /// <summary>Leaves the first <paramref name="count"/> rows.</summary>
    public void Cut(int count)
    {
        Users.Cut(count);
        Items.Cut(count);
        _ratings.Cut(count);
        Ticks.Cut(count);
        _parts?.Cut(count);
    }

    /// <summary>The same rows, parted anew.</summary>
    public InteractionRows Parted(ReadOnlySpan<Part> parts)
    {
        var column = new Column<Part?>();
        foreach (var part in parts) column.Add(part);
        return new InteractionRows(this, column);
    }

    public IEnumerator<Interaction> GetEnumerator()
    {
        for (var row = 0; row < Count; row++) yield return this[row];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // The column of parts, made when the first row has one.
    private Column<Part?>? Parts(Part? part)
    {
        if (part is null || _parts is not null) return _parts;
        _parts = new();
        while (_parts.Count < Count) _parts.Add(null);
        return _parts;
    }
}
