using System.Globalization;
using LmmRec.Ingest.Interactions;
using LmmRec.Tables;

namespace LmmRec.Ingest.Tables;

/// <summary>Turns the rows of a table into interactions. A time or a rating that cannot be read is left out and counted; the interaction stays.</summary>
internal sealed class InteractionMapping
{
    public const string Kind = "interaction";

    private readonly InteractionTableOptions _options;
    private readonly InteractionBuilder _into;
    private readonly IngestLog _log;
    private readonly int _user, _item;
    private readonly int? _rating, _time, _event;
    private long _otherEvents, _lowRatings;

    public InteractionMapping(InteractionTableOptions options, InteractionBuilder into, IngestLog log)
    {
        (_options, _into, _log) = (options, into, log);
        var columns = options.Columns;
        (_user, _item) = (Columns.OfRequired(columns.User), Columns.OfRequired(columns.Item));
        _rating = options.MinRating is null ? Columns.OfOptional(columns.Rating) : Columns.OfRequired(columns.Rating!);
        _event = options.Event.Count == 0 ? Columns.OfOptional(columns.Event) : Columns.OfRequired(columns.Event!);
        _time = Columns.OfOptional(columns.Time);
    }

    public WantedColumns Columns { get; } = new();

    /// <summary>Adds the row's interaction, unless it is filtered out.</summary>
    /// <returns>Why the row cannot be used; null: it can.</returns>
    public string? Add(TableReader row)
    {
        var user = row[_user];
        var item = row[_item];
        if (user.IsWhiteSpace()) return $"has no user in column '{_options.Columns.User}'";
        if (item.IsWhiteSpace()) return $"has no item in column '{_options.Columns.Item}'";
        if (_options.Event.Count > 0 && !IsWanted(row[_event!.Value]))
        {
            _otherEvents++;
            return null;
        }
        var rating = Rating(row);
        if (_options.MinRating is { } least && !(rating >= least))
        {
            _lowRatings++;
            return null;
        }
        _into.Add(user, item, rating, Time(row));
        return null;
    }

    /// <summary>Tells the log what was counted.</summary>
    public void Count()
    {
        if (_options.Event.Count > 0) _log.Dropped["otherEvents"] = _otherEvents;
        if (_options.MinRating is not null) _log.Dropped["belowMinRating"] = _lowRatings;
    }

    private bool IsWanted(ReadOnlySpan<char> value)
    {
        foreach (var wanted in _options.Event)
            if (value.SequenceEqual(wanted)) return true;
        return false;
    }

    private double? Rating(TableReader row)
    {
        if (_rating is not { } column || row[column] is not { IsEmpty: false } text) return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rating) && double.IsFinite(rating)) return rating;
        _log.Absent("rating", row.Place, Shown(text));
        return null;
    }

    private DateTime? Time(TableReader row)
    {
        if (_time is not { } column || row[column] is not { IsEmpty: false } text) return null;
        if (Moment.Parse(text, _options.TimeUnit) is { } time) return time;
        _log.Absent("time", row.Place, Shown(text));
        return null;
    }

    private static ReadOnlySpan<char> Shown(ReadOnlySpan<char> text) => text[..Math.Min(text.Length, 40)];
}
