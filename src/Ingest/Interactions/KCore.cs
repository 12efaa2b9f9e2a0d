namespace LmmRec.Ingest.Interactions;

/// <summary>The k-core filter (spec 3.1, step 2).</summary>
internal static class KCore
{
    /// <summary>
    /// Removes users and items with fewer than <paramref name="core"/> rows until none is left. Each pass counts both on the same table and removes
    /// both. Indices stay; see <see cref="InteractionTable.Reindexed"/>.
    /// </summary>
    public static InteractionTable Filter(InteractionTable table, int core)
    {
        var rows = table.Rows;
        while (true)
        {
            var users = new int[table.Users.Count];
            var items = new int[table.Items.Count];
            foreach (var row in rows)
            {
                users[row.User]++;
                items[row.Item]++;
            }
            var kept = rows.Where(row => users[row.User] >= core && items[row.Item] >= core).ToList();
            if (kept.Count == rows.Count) return table with { Rows = kept };
            rows = kept;
        }
    }
}
