namespace LmmRec.Artifacts.Tables;

/// <summary>Reads single rows of a sharded table by their number, 0-based over all shards. Holds the row group that was read last, so neighbours cost nothing.</summary>
/// <param name="folder">the artifact's folder</param>
public sealed class RowLookup<TRow>(string folder)
{
    private IReadOnlyList<RowGroup>? _groups;
    private long _first;
    private TRow[] _rows = [];

    /// <summary>Row <paramref name="row"/>.</summary>
    /// <inheritdoc cref="TableFile.StreamAsync{TRow}" path="/exception"/>
    public async ValueTask<TRow> ReadAsync(long row, CancellationToken cancellation)
    {
        if (row < _first || row >= _first + _rows.Length)
        {
            _groups ??= await TableFile.GroupsAsync<TRow>(folder, cancellation: cancellation);
            var group = _groups.LastOrDefault(g => g.First <= row);
            (_first, _rows) = (group?.First ?? 0, group is null ? [] : await TableFile.ReadGroupAsync<TRow>(group, cancellation));
        }
        return row < _first + _rows.Length ? _rows[row - _first]
            : throw new InvalidInputException($"{folder}: table '{RowSchema<TRow>.Instance.Table.Name}' has no row {row}; 'lmmrec verify' says whether it is damaged; then run its stage again");
    }
}
