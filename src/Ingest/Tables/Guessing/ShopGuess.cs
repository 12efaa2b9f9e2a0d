using LmmRec.Artifacts;
using LmmRec.Tables;

namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>What of a shop's files is what: guessed from the names of their columns and from their first rows.</summary>
/// <param name="DataFolder">the folder that holds all files: the one for <c>--data</c></param>
/// <param name="Items">the items' columns; null: there is no table of items</param>
/// <param name="Interactions">the interactions' columns</param>
/// <param name="Images">the pictures' pattern from the data folder on, such as <c>images/{id}.jpg</c>; null: no folder, or none of its names holds an id</param>
/// <param name="Pictures">how many files follow the pattern</param>
internal sealed record ShopGuess(string DataFolder, ColumnGuess? Items, ColumnGuess Interactions, string? Images, int Pictures)
{
    /// <summary>Looks at the files that <paramref name="request"/> names and guesses.</summary>
    /// <exception cref="InvalidInputException">A file is not there, or none of a table.</exception>
    /// <exception cref="ConfigurationException">A column that is needed cannot be guessed: the message says the flag that names it.</exception>
    public static async Task<ShopGuess> OfAsync(ShopRequest request, CancellationToken cancellation)
    {
        var folder = request.DataFolder;
        var interactions = new ColumnGuess(await SampleAsync(new InteractionTableOptions { Files = [request.Within(request.Interactions)] }), request.Named("interactions"));
        var items = request.Items is null ? null : new ColumnGuess(await SampleAsync(new ItemTableOptions { Files = [request.Within(request.Items)] }), request.Named("items"));

        GuessInteractions(interactions, items);
        if (items is not null) GuessItems(items, interactions);
        Require(("items", items, Roles.Id), ("interactions", interactions, Roles.User), ("interactions", interactions, Roles.Item));

        if (request.Images is null) return new ShopGuess(folder, items, interactions, null, 0);
        var ids = items?.Of(Roles.Id)!.Distinct ?? throw new ConfigurationException(["--images: needs --items, the table whose ids the pictures are called by"]);
        var found = FolderGuess.Of(request.Images, ids);
        return new ShopGuess(folder, items, interactions, found is { } f ? $"{request.Within(request.Images)}/{f.Pattern}" : null, found?.Files ?? 0);

        Task<TableSample> SampleAsync(TableOptions options) => TableSample.ReadAsync(InputFile.Of(folder, options.Files)[0], options, cancellation);
    }

    // The column of items is known best by its values: they are ids of the table of items.
    private static void GuessInteractions(ColumnGuess interactions, ColumnGuess? items)
    {
        var keys = items?.Sample.Columns.Where(Roles.Id.Fits.Invoke).ToList() ?? [];
        interactions.Find(Roles.Item, column => 2 * keys.Select(key => Overlap(column, key)).DefaultIfEmpty().Max());
        interactions.Find(Roles.User);
        interactions.Find(Roles.Time, column => column.HoldsNumbers ? 0 : 0.2); // a date is one whatever its name, a number is not
        interactions.Find(Roles.Rating);
        interactions.Find(Roles.Event);
        // What is left of ids that come again belongs to users, where it is one column.
        if (interactions.Of(Roles.User) is null && interactions.Unused.Where(c => Roles.User.Fits(c) && !c.HoldsTimes && c.Distinct.Count > 20 && c.Words < 2).ToList() is [var only])
            interactions.Find(Roles.User, column => column == only ? 1 : 0);
    }

    private static void GuessItems(ColumnGuess items, ColumnGuess interactions)
    {
        items.Find(Roles.Id, column => interactions.Of(Roles.Item) is { } item ? 4 * Overlap(item, column) : 0);
        items.FindAll(Roles.Image, column => column.HoldsPictures);
        items.Find(Roles.Title);
        items.Find(Roles.Brand);
        items.FindAll(Roles.Categories);
        items.Find(Roles.Description, column => column.Words > 20 ? 0.2 : 0);
        // A text of some words that is nearly each row's own is what the item is called.
        items.Find(Roles.Title, column => column.Words is >= 2 and <= 20 && column.Distinct.Count > 0.5 * column.Rows.Count ? 0.2 : 0);
    }

    // Share of a column's values that are keys. Files begin with different items, so a small share says much.
    private static double Overlap(ColumnSample column, ColumnSample keys) =>
        column.Distinct.Count == 0 ? 0 : Math.Sqrt((double)column.Distinct.Count(keys.Distinct.Contains) / column.Distinct.Count);

    private static void Require(params (string Table, ColumnGuess? Guess, Role Role)[] needed)
    {
        var faults = needed.Where(n => n.Guess is not null && n.Guess.Of(n.Role) is null)
            .Select(n => $"{n.Guess!.Sample.File.Name}: which column holds the {(n.Role == Roles.Id ? "item's id" : n.Role.Key)}? Name it by --column {n.Table}.{n.Role.Key}=NAME; "
                + $"there are: {string.Join(", ", n.Guess.Sample.Columns.Select(c => $"'{c.Name}' ({string.Join(", ", c.Distinct.Take(3))})"))}").ToList();
        if (faults.Count > 0) throw new ConfigurationException(faults);
    }
}
