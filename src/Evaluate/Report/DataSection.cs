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
            <ul class="notes">{Notes(data).Select(note => Html.Of($"<li>{note}</li>"))}</ul>
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

    private static IEnumerable<Html> Notes(HeldOutData data)
    {
        var facts = data.Manifest.Facts;
        var dropped = facts["dropped"] as JsonObject ?? [];
        var pictures = facts["pictures"] as JsonObject ?? [];
        if (Count(dropped, "coreInteractions") is > 0 and var filtered)
            yield return Html.Of($"The core filter dropped {filtered:N0} interactions, {Count(dropped, "coreUsers"):N0} users and {Count(dropped, "coreItems"):N0} items.");
        if (Count(dropped, "duplicates") is > 0 and var repeated)
            yield return Html.Of($"{repeated:N0} repeated interactions were dropped.");
        if (Count(dropped, "usersWithoutTrainingRows") is > 0 and var cold)
            yield return Html.Of($"{cold:N0} users without a training interaction were dropped from validation and test, with {Count(dropped, "interactionsOfUsersWithoutTrainingRows"):N0} interactions.");
        var trained = data[Splits.Train].UsersWithItems().SelectMany(user => data[Splits.Train][user].ToArray()).Distinct().Count();
        yield return Html.Of($"{data.Items.Count - trained:N0} items have no training interaction; they stay candidates.");
        yield return Missing(data, "text", data.Catalogue.Count(item => item.Text.Length > 0));
        yield return Missing(data, "picture", Count(pictures, "fetched"));
        if (Count(pictures, "failed") is > 0 and var failed) yield return Html.Of($"{failed:N0} pictures could not be fetched or read.");
        foreach (var (name, columns) in facts["matrices"] as JsonObject ?? []) yield return Html.Of($"Feature matrix <code>{name}</code>: {columns?.ToString()} columns.");
    }

    private static Html Missing(HeldOutData data, string what, long present) => present == 0
        ? Html.Of($"The catalogue brings no {what}s.")
        : Html.Of($"{data.Items.Count - present:N0} items have no {what}.");

    private static long Count(JsonObject facts, string name) => facts[name] is JsonValue value && value.TryGetValue<long>(out var count) ? count : 0;
}
