using System.Text.RegularExpressions;

namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>What a column can be for: its key in the configuration, how shops call it, and what its values must look like.</summary>
/// <param name="Key">the key in <c>columns</c></param>
/// <param name="Names">lower-case names of letters and digits, the most telling first</param>
/// <param name="Fits">whether a column's values allow it</param>
internal sealed partial record Role(string Key, string[] Names, Predicate<ColumnSample> Fits)
{
    /// <summary>How well a name says it: above 1 for one of <see cref="Names"/>, above 0 for one that begins or ends with one of them, else 0.</summary>
    public double ScoreOf(string name)
    {
        var last = name.Split(':')[0].Split('.')[^1];
        var plain = NeitherLetterNorDigit().Replace(last.ToLowerInvariant(), "");
        var nested = name.Contains('.', StringComparison.Ordinal) ? 0.5 : 0; // what belongs to the row itself comes before what belongs to a part of it
        for (var i = 0; i < Names.Length; i++)
            if (plain == Names[i]) return 2 - nested - 0.4 * i / Names.Length;
        for (var i = 0; i < Names.Length; i++)
            if (Names[i].Length > 3 && (plain.EndsWith(Names[i], StringComparison.Ordinal) || plain.StartsWith(Names[i], StringComparison.Ordinal))) return 1 - nested - 0.4 * i / Names.Length;
        return 0;
    }

    [GeneratedRegex("[^a-z0-9]")]
    private static partial Regex NeitherLetterNorDigit();
}

/// <summary>The roles of columns. Without a header columns are called by their numbers; published sets have user, item, rating, time in this order.</summary>
internal static class Roles
{
    public static Role Id { get; } = new("id",
        ["id", "itemid", "productid", "sku", "asin", "parentasin", "articleid", "movieid", "item", "product", "ean", "gtin", "code", "handle"], column => column.IsKey);

    public static Role Title { get; } = new("title", ["title", "name", "productname", "productdisplayname", "itemname", "displayname", "label"],
        column => !column.HoldsNumbers && !column.HoldsAddresses && column.Distinct.Count > 1);

    public static Role Brand { get; } = new("brand", ["brand", "brandname", "manufacturer", "vendor", "maker", "store"], column => !column.HoldsAddresses && column.Words < 8);

    public static Role Categories { get; } = new("categories",
        ["categories", "category", "mastercategory", "maincategory", "subcategory", "articletype", "producttype", "producttypename", "department", "genres", "genre", "maincat"],
        column => !column.HoldsNumbers && !column.HoldsAddresses && (column.IsList || column.Words < 12));

    public static Role Description { get; } = new("description", ["description", "productdescription", "longdescription", "desc", "details", "body", "about", "detaildesc"],
        column => !column.HoldsNumbers && !column.HoldsAddresses && column.Words > 1);

    public static Role Image { get; } = new("image",
        ["imageurlhighres", "imageurl", "imurl", "image", "images", "imagelink", "picture", "photo", "img", "thumbnail", "large", "hires"], column => column.HoldsPictures || column.HoldsAddresses);

    public static Role User { get; } = new("user",
        ["user", "userid", "customer", "customerid", "reviewerid", "visitorid", "visitor", "client", "clientid", "account", "accountid", "member", "memberid", "buyer", "buyerid", "uid", "email", "session", "sessionid", "1"],
        column => !column.IsList && column.Rows.All(value => value.Length > 0) && column.Distinct.Count > 1);

    public static Role Item { get; } = new("item", [.. Id.Names.Except(["id"]), "2"], column => !column.IsList && column.Distinct.Count > 1);

    public static Role Rating { get; } = new("rating", ["rating", "stars", "star", "score", "overall", "weight", "3"],
        column => column.HoldsNumbers && !column.IsList);

    public static Role Time { get; } = new("time",
        ["timestamp", "time", "datetime", "date", "unixreviewtime", "createdat", "orderdate", "purchasedate", "eventtime", "at", "ts", "day", "tdat", "4"], column => column.HoldsTimes && !column.IsList);

    public static Role Event { get; } = new("event", ["event", "eventtype", "action", "behavior", "behaviour", "interaction", "interactiontype"],
        column => !column.IsList && !column.HoldsNumbers && column.Distinct.Count <= 20);
}
