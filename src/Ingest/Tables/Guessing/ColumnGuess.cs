using LmmRec.Artifacts;
using LmmRec.Tables;

namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>Which columns of a sample have which roles.</summary>
/// <param name="sample">the table</param>
/// <param name="named">columns that the user named, by role; they are not guessed</param>
internal sealed class ColumnGuess(TableSample sample, IReadOnlyDictionary<string, string> named)
{
    private readonly Dictionary<string, List<ColumnSample>> _found = [];

    /// <summary>The table.</summary>
    public TableSample Sample => sample;

    /// <summary>The columns that have a role, by the role's key.</summary>
    public IReadOnlyDictionary<string, List<ColumnSample>> Found => _found;

    /// <summary>The columns without a role.</summary>
    public IEnumerable<ColumnSample> Unused => sample.Columns.Where(column => !_found.Values.Any(found => found.Contains(column)));

    /// <summary>The one column of a role; null: there is none.</summary>
    public ColumnSample? Of(Role role) => _found.GetValueOrDefault(role.Key)?[0];

    /// <summary>Gives a role to the column that the user named for it, else to the best one that fits: by its name, and by <paramref name="content"/>.</summary>
    /// <param name="role">the role</param>
    /// <param name="content">how much a column's values speak for it, beside the name; null: nothing does</param>
    /// <exception cref="InvalidInputException">The user named a column that is not there.</exception>
    public void Find(Role role, Func<ColumnSample, double>? content = null)
    {
        if (Named(role)) return;
        var best = Unused.Where(column => role.Fits(column))
            .Select(column => (Column: column, Score: role.ScoreOf(column.Name) + (content?.Invoke(column) ?? 0))).Where(scored => scored.Score > 0)
            .OrderByDescending(scored => scored.Score).Select(scored => scored.Column).FirstOrDefault();
        if (best is not null) _found[role.Key] = [best];
    }

    /// <summary>Gives a role to all columns whose names say it, the most telling first.</summary>
    /// <inheritdoc cref="Find" path="/exception"/>
    public void FindAll(Role role, Func<ColumnSample, bool>? content = null)
    {
        if (Named(role)) return;
        var found = Unused.Where(column => role.Fits(column) && (role.ScoreOf(column.Name) > 0 || content?.Invoke(column) == true))
            .OrderByDescending(column => role.ScoreOf(column.Name)).ToList();
        if (found.Count > 0) _found[role.Key] = found;
    }

    private bool Named(Role role)
    {
        if (!named.TryGetValue(role.Key, out var name)) return false;
        var names = sample.Columns.Select(column => column.Name).ToList();
        _found[role.Key] = [sample.Columns[ColumnNames.Find(sample.File.Name, names, [name])[0]]];
        return true;
    }
}
