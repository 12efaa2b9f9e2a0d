namespace LmmRec.Artifacts.Tables;

/// <summary>Reads single rows of a sharded table by their number, 0-based over all shards. Holds the row group that was read last, so neighbours cost nothing.</summary>
/// <param name="folder">the artifact's folder</param>
public sealed class RowLookup<TRow>(string folder)
{
    private List<(string File, int Group, long First)>? _groups;
    private long _first;
    private TRow[] _rows = [];

    /// <summary>Row <paramref name="row"/>.</summary>
    /// <inheritdoc cref="TableFile.StreamAsync{TRow}" path="/exception"/>
    public async ValueTask<TRow> ReadAsync(long row, CancellationToken cancellation)
    {
        if (row < _first || row >= _first + _rows.Length)
        {
            _groups ??= await GroupsAsync(cancellation);
            var (file, group, first) = _groups.FindLast(g => g.First <= row);
            (_first, _rows) = (first, file is null ? [] : await TableFile.ReadGroupAsync<TRow>(file, group, cancellation));
        }
        return row < _first + _rows.Length ? _rows[row - _first]
            : throw new InvalidInputException($"{folder}: table '{RowSchema<TRow>.Instance.Table.Name}' has no row {row}; 'lmmrec verify' says whether it is damaged: delete its folder and run its stage again");
    }

    private async Task<List<(string, int, long)>> GroupsAsync(CancellationToken cancellation)
    {
        var groups = new List<(string, int, long)>();
        var first = 0L;
        foreach (var file in TableFile.Shards(folder, RowSchema<TRow>.Instance.Table.Name))
            foreach (var (group, rows) in (await TableFile.GroupSizesAsync<TRow>(file, cancellation)).Index())
            {
                groups.Add((file, group, first));
                first += rows;
            }
        return groups;
    }
}
