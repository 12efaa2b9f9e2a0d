using LmmRec.Artifacts;

namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>A first configuration for a shop's own files.</summary>
/// <param name="Guesses">what was guessed, as lines with three example rows</param>
/// <param name="Configuration">a commented <c>pipeline.json</c></param>
/// <param name="DataFolder">the folder for <c>--data</c>; null: the working folder, which need not be named</param>
public sealed record ShopDraft(IReadOnlyList<string> Guesses, string Configuration, string? DataFolder)
{
    /// <summary>Looks at the first rows of the files and drafts.</summary>
    /// <exception cref="InvalidInputException">A file is not there, or none of a table.</exception>
    /// <exception cref="ConfigurationException">A column that is needed cannot be guessed: the message says the flag that names it.</exception>
    public static async Task<ShopDraft> OfAsync(ShopRequest request, CancellationToken cancellation)
    {
        var guess = await ShopGuess.OfAsync(request, cancellation);
        return new ShopDraft([.. GuessListing.Of(guess, request.Images)], DraftText.Of(guess, request), guess.DataFolder == Directory.GetCurrentDirectory() ? null : guess.DataFolder);
    }
}
