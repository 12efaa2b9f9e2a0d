using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Weights;

namespace LmmRec.Encoders.Folders;

/// <summary>Takes an encoder from a folder as HuggingFace, transformers.js and Optimum lay it out: its card follows from what lies there (docs/encoders.md#folders).</summary>
public static class EncoderFolder
{
    /// <summary>Writes the card, and the files that it needs under their own names, to <paramref name="target"/>.</summary>
    /// <param name="source">a folder, a zip file, the address of either, or <c>hf:org/name@revision</c></param>
    /// <param name="variant">the variant of the graphs, such as fp16; null: the plain ones</param>
    /// <param name="target">where to</param>
    /// <param name="hub">the hub of names; null: the source is none of them</param>
    /// <param name="client">fetches</param>
    /// <param name="progress">shows how far it is</param>
    /// <param name="clock">measures a server's silence</param>
    /// <param name="cancellation">ends the import; what was fetched stays in a folder download-… of the target, where the next import goes on</param>
    /// <returns>The card.</returns>
    /// <exception cref="InvalidInputException">It cannot be fetched or read, something in it cannot be honoured, or its output is no usable vector; the target is as it was.</exception>
    public static async Task<EncoderCard> ImportAsync(
        string source, string? variant, string target, Hub? hub, HttpClient client, IProgressSink progress, TimeProvider clock, CancellationToken cancellation)
    {
        target = Path.TrimEndingDirectorySeparator(target);
        if (File.Exists(target)) throw new InvalidInputException($"{target}: is a file; name a folder with --target");
        if (File.Exists(Path.Combine(target, EncoderCard.FileName)) && !CardDraft.IsUntouched(target))
            throw new InvalidInputException($"{target}: holds a card that was written by hand, or changed since an import wrote it, and would be lost; name another place with --target, or delete {EncoderCard.FileName}");
        var fetched = SourceFiles.FolderOf(target, source);
        var files = await FolderSource.OpenAsync(source, hub, fetched, target + "~unpacked", new Download(client, clock), progress, cancellation);
        EncoderCard card;
        try
        {
            using (files as IDisposable) card = await WriteAsync(files, FolderSource.TitleOf(source), variant, target, cancellation);
        }
        catch (InvalidInputException) when (files is ZipFiles)
        {
            FolderSource.Forget(fetched); // all of it was there, and is refused; of a folder a file may only have failed to come, so the next import goes on
            throw;
        }
        FolderSource.Forget(fetched);
        return card;
    }

    private static async Task<EncoderCard> WriteAsync(FolderFiles files, string title, string? variant, string target, CancellationToken cancellation)
    {
        var found = await FolderCard.MakeAsync(files, title, variant, cancellation);
        using var staged = new StagedEncoder(target);
        foreach (var (name, path) in found.Files) CardFiles.Copy(path, staged.Folder, name);
        var card = FolderTrial.Run(found.Draft, staged.Folder, variant is not null);
        staged.Publish(card);
        return card;
    }
}
