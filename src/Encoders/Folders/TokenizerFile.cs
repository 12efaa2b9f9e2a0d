using LmmRec.Artifacts;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Folders;

/// <summary>A folder's tokenizer.json.</summary>
internal static class TokenizerFile
{
    public const string FileName = "tokenizer.json";

    // What a folder may hold instead of it.
    private static readonly string[] Vocabularies = ["vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "spm.model"];

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidInputException">There is none, or it cannot be read.</exception>
    public static async Task<JsonTokenizer> ReadAsync(FolderFiles files, CancellationToken cancellation)
    {
        if (await files.FindAsync(FileName, cancellation) is { } path) return JsonTokenizer.Read(path);
        var others = new List<string>();
        foreach (var name in Vocabularies)
            if (await files.FindAsync(name, cancellation) is not null) others.Add(name);
        var only = others.Count > 0 ? $", only {string.Join(" and ", others)}" : "";
        throw new InvalidInputException($"{files.Name}: there is no {FileName}{only}; make one with transformers: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)");
    }
}
