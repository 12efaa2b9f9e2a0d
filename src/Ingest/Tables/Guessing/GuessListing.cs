namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>Guesses as lines to read: per table its columns with the values of three rows, and what is not taken or not used.</summary>
internal static class GuessListing
{
    private const int Examples = 3, MaxCell = 28;

    /// <param name="guess">the guess</param>
    /// <param name="folder">the folder of pictures that the user named, if any</param>
    public static IEnumerable<string> Of(ShopGuess guess, string? folder)
    {
        if (guess.Items is not null)
            foreach (var line in Table("items", guess.Items, [Roles.Id, Roles.Title, Roles.Brand, Roles.Categories, Roles.Description, Roles.Image])) yield return line;
        foreach (var line in Table("interactions", guess.Interactions, [Roles.User, Roles.Item, Roles.Rating, Roles.Time, Roles.Event])) yield return line;
        if (guess.Images is not null) yield return $"pictures: {guess.Images}, the names of {guess.Pictures} files";
        else if (folder is not null) yield return $"pictures: no name in {folder} holds an id of {guess.Items!.Sample.File.Name}; name the column of ids by --column items.id=NAME";
    }

    private static IEnumerable<string> Table(string what, ColumnGuess guess, Role[] roles)
    {
        yield return $"{what}: {guess.Sample.File.Name}";
        var found = roles.Where(role => guess.Found.ContainsKey(role.Key)).SelectMany(role => guess.Found[role.Key].Select(column => (role.Key, Column: column))).ToList();
        var (keys, names) = (roles.Max(role => role.Key.Length), found.Max(f => f.Column.Name.Length));
        foreach (var (key, column) in found)
            yield return $"  {key.PadRight(keys)}  {column.Name.PadRight(names)}  {string.Join(" | ", column.Rows.Take(Examples).Select(Shown))}";
        var missing = roles.Where(role => !guess.Found.ContainsKey(role.Key)).Select(role => role.Key).ToList();
        if (missing.Count > 0) yield return $"  not found: {string.Join(", ", missing)}";
        foreach (var (key, column) in found.Where(f => f.Key == Roles.Image.Key && f.Column.ForeignPictures.Any()))
            yield return $"  {key}: '{column.Name}' holds {string.Join(", ", column.ForeignPictures)}; JPEG, PNG, WebP and GIF are what can be read";
        foreach (var (role, column) in roles.Where(role => !guess.Found.ContainsKey(role.Key)).SelectMany(role => guess.Unused.Where(column => role.ScoreOf(column.Name) > 1).Select(column => (role, column))))
            yield return $"  {role.Key}: the values of '{column.Name}' do not look like it; to take it all the same: --column {what}.{role.Key}={column.Name}";
        if (guess.Unused.Any()) yield return $"  unused: {string.Join(", ", guess.Unused.Select(column => Shown(column.Name)))}";
    }

    private static string Shown(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length <= MaxCell ? line : $"{line[..(MaxCell - 1)]}…";
    }
}
