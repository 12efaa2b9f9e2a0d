using System.Globalization;
using LmmRec.Artifacts.Tables;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Harness;

/// <summary>
/// The model that a case has from before, as the start of its next training (docs/recommenders.md#warm-start). Rows of users and items are found by the shop's ids.
/// </summary>
internal sealed class WarmStart
{
    private readonly string _folder;
    private readonly Rows _users, _items;
    private readonly Dictionary<string, Rows> _rows; // by what a table's rows belong to

    private WarmStart(string folder, Rows users, Rows items)
    {
        (_folder, _users, _items) = (folder, users, items);
        int[] nodes = [.. users.Former, .. items.Former.Select(row => row < 0 ? row : users.Count + row)];
        _rows = new() { [Catalogue.UserRows] = users, [Catalogue.ItemRows] = items, [Catalogue.NodeRows] = new Rows(nodes, users.Count + items.Count) };
    }

    /// <summary>Opens the model in <paramref name="folder"/>, which is whole, for <paramref name="data"/>.</summary>
    public static async Task<WarmStart> OpenAsync(string folder, Dataset data, CancellationToken cancellation)
    {
        return new WarmStart(folder, Rows.Of(data.UserIds, await IdsAsync<UserVectorRow>()), Rows.Of(data.ItemIds, await IdsAsync<ItemVectorRow>()));

        async Task<List<string>> IdsAsync<TRow>()
        {
            var ids = new List<string>();
            foreach (var group in await TableFile.GroupsAsync<TRow>(folder, cancellation: cancellation))
                ids.AddRange((string[])(await TableFile.ReadColumnsAsync<TRow>(group, [1], cancellation))[0]);
            return ids;
        }
    }

    /// <summary>Lays its values over parameters that were drawn as for a cold start, in all rows that it has. Gives what was done, for people.</summary>
    public string LayOver(IReadOnlyList<Parameter> drawn)
    {
        var fresh = drawn.Where(parameter => !TryLayOver(parameter)).Select(parameter => $"{parameter.Name} {parameter.Tensor.Shape}").ToList();
        return $"starts from the model that is there, which has {_users.Known} users and {_items.Known} items"
            + (fresh.Count == 0 ? "" : $"; it has no such {string.Join(", ", fresh)}: drawn as for a cold start");
    }

    private bool TryLayOver(Parameter parameter)
    {
        var (today, shape) = (parameter.Value!, parameter.Value!.Shape);
        var rows = parameter.Rows is { } owners ? _rows[owners] : null;
        if (TrainingArtifacts.TryReadParameter(_folder, parameter.Name) is not { } former || !former.Shape.SequenceEqual(rows is null ? shape : [rows.Count, .. shape[1..]])) return false;
        if (rows is null) parameter.Set(former);
        else rows.Copy(former.As<float>(), today.As<float>());
        return true;
    }

    /// <summary>Today's rows among those of the former model.</summary>
    /// <param name="Former">by today's row the former one; −1: it is new</param>
    /// <param name="Count">rows of the former model</param>
    private sealed record Rows(int[] Former, int Count)
    {
        public static Rows Of(string[] today, List<string> former)
        {
            var places = former.Index().ToDictionary(row => row.Item, row => row.Index, StringComparer.Ordinal);
            return new Rows(Array.ConvertAll(today, id => places.GetValueOrDefault(id, -1)), former.Count);
        }

        /// <summary>How many it has of today's, such as 583 of 590.</summary>
        public string Known => string.Create(CultureInfo.InvariantCulture, $"{Former.Count(row => row >= 0)} of {Former.Length}");

        public void Copy(float[] from, float[] to)
        {
            var width = to.Length / Former.Length;
            foreach (var (row, former) in Former.Index())
                if (former >= 0) from.AsSpan(former * width, width).CopyTo(to.AsSpan(row * width, width));
        }
    }
}
