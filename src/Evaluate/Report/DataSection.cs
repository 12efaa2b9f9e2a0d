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
        var cold = data.Items.Count - data[Splits.Train].UsersWithItems().SelectMany(user => data[Splits.Train][user].ToArray()).Distinct().Count();
        yield return Html.Of($"{cold:N0} of {data.Items.Count:N0} items have no training interaction; they stay candidates");
        yield return Content(data, "title, brand, category or description", data.Catalogue.Count(item => item.Text.Length > 0));
        yield return Content(data, "picture", data.Manifest.Files.Where(file => file.Key.StartsWith("images-", StringComparison.Ordinal)).Sum(file => file.Value.Rows ?? 0));
        foreach (var (name, value) in data.Manifest.Facts)
            if (value is JsonValue number && number.TryGetValue<long>(out var count) && name is not ("users" or "items" or "interactions"))
                yield return Html.Of($"{Words(name)}: {count:N0}");
    }

    private static Html Content(HeldOutData data, string what, long present) => present == 0
        ? Html.Of($"The catalogue has no {what} for any item")
        : Html.Of($"{data.Items.Count - present:N0} items lack a {what}");

    // droppedUsers → Dropped users
    private static string Words(string name) => string.Concat(name.Select((c, i) =>
        i == 0 ? char.ToUpperInvariant(c).ToString() : char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));
}
