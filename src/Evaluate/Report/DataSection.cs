using System.Text.Json.Nodes;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report;

/// <summary>What the models were trained and measured on.</summary>
internal static class DataSection
{
    public static Html Of(HeldOutData data)
    {
        var density = (double)data.Interactions / data.Users.Count / data.Items.Count;
        return Html.Of($"""
            <dl class="tiles">
            {Tile("Users", $"{data.Users.Count:N0}")}{Tile("Items", $"{data.Items.Count:N0}")}{Tile("Interactions", $"{data.Interactions:N0}")}{Tile("Density", $"{100 * density:G3} %")}
            </dl>
            <div class="pair">
            <table>
            <thead><tr><th scope="col">Split</th><th scope="col" class="number">Interactions</th><th scope="col" class="number">Users</th><th scope="col" class="number">Per user</th></tr></thead>
            <tbody>{new[] { Splits.Train, Splits.Validation, Splits.Test }.Select(split => SplitRow(data, split))}</tbody>
            </table>
            <table>
            <thead><tr><th scope="col">Content</th><th></th></tr></thead>
            <tbody>{Remarks(data).Select(remark => Html.Of($"""<tr><th scope="row">{remark.What}</th><td class="number">{remark.Count}</td></tr>"""))}</tbody>
            </table>
            </div>
            """);
    }

    private static Html Tile(string name, FormattableString value) => Html.Of($"<div><dt>{name}</dt><dd>{Html.Of(value)}</dd></div>");

    private static Html SplitRow(HeldOutData data, string split)
    {
        var users = data[split].UsersWithItems();
        var pairs = users.Sum(user => data[split][user].Length);
        return Html.Of($"""
            <tr><th scope="row">{split}</th><td class="number">{pairs:N0}</td><td class="number">{users.Length:N0}</td><td class="number">{(users.Length == 0 ? 0 : (double)pairs / users.Length):F1}</td></tr>
            """);
    }

    private static IEnumerable<(Html What, Html Count)> Remarks(HeldOutData data)
    {
        var facts = data.Manifest.Facts;
        var dropped = facts["dropped"] as JsonObject ?? [];
        var pictures = facts["pictures"] as JsonObject ?? [];
        if (Count(dropped, "coreInteractions") is > 0 and var filtered)
            yield return (Html.Of($"Dropped by the core filter<small>{Count(dropped, "coreUsers"):N0} users and {Count(dropped, "coreItems"):N0} items with them</small>"), Html.Of($"{filtered:N0}"));
        if (Count(dropped, "duplicates") is > 0 and var repeated)
            yield return (Html.Of($"Repeated interactions, dropped"), Html.Of($"{repeated:N0}"));
        if (Count(dropped, "usersWithoutTrainingRows") is > 0 and var cold)
            yield return (Html.Of($"Users without training items<small>dropped from validation and test</small>"), Html.Of($"{cold:N0}"));
        var trained = data[Splits.Train].UsersWithItems().SelectMany(user => data[Splits.Train][user].ToArray()).Distinct().Count();
        yield return (Html.Of($"Items without training interactions<small>they stay candidates</small>"), Html.Of($"{data.Items.Count - trained:N0}"));
        yield return (Html.Of($"Items without a text"), Lacking(data, data.Catalogue.Count(item => item.Text.Length > 0)));
        yield return (Html.Of($"Items without a picture{Html.If(Count(pictures, "failed") > 0, $"<small>{Count(pictures, "failed"):N0} of them could not be fetched or read</small>")}"),
            Lacking(data, Count(pictures, "fetched")));
        foreach (var (name, columns) in facts["matrices"] as JsonObject ?? [])
            yield return (Html.Of($"Columns of the feature matrix <code>{name}</code>"), Html.Of($"{columns?.ToString()}"));
    }

    private static Html Lacking(HeldOutData data, long present) => present == 0 ? Html.Of($"all") : Html.Of($"{data.Items.Count - present:N0}");

    private static long Count(JsonObject facts, string name) => facts[name] is JsonValue value && value.TryGetValue<long>(out var count) ? count : 0;
}
