using System.CommandLine;
using System.Text.RegularExpressions;
using LmmRec.Artifacts;
using LmmRec.Cli.Schema;

namespace LmmRec.Cli;

/// <summary>A configuration that a command writes for the user: a file that is there is never overwritten.</summary>
internal static partial class NewFile
{
    /// <summary>Where it is written.</summary>
    public static Option<string> Output(string file) =>
        new("--output", "-o") { Description = "The configuration to write.", HelpName = "FILE", DefaultValueFactory = _ => file };

    /// <summary>Refuses a name that is taken.</summary>
    /// <exception cref="InvalidInputException">Something is there.</exception>
    public static void Refuse(string output)
    {
        if (Path.Exists(output)) throw new InvalidInputException($"--output {output}: is there already and is never overwritten; name another file, or move it away");
    }

    /// <summary>Writes it, and beside it the schema by which editors complete and check it, where none is there yet.</summary>
    /// <param name="output">the file</param>
    /// <param name="text">a configuration whose opening brace stands on a line of its own</param>
    /// <returns>What was written, for people.</returns>
    /// <exception cref="IOException">Something is there, or a file cannot be written.</exception>
    public static async Task<string> WriteAsync(string output, string text)
    {
        await WriteNewAsync(output, Opening().Replace(text, $"{{\n  \"{PipelineSchema.Key}\": \"./{PipelineSchema.FileName}\",", 1));
        var schema = Path.Combine(Path.GetDirectoryName(output)!, PipelineSchema.FileName);
        if (Path.Exists(schema)) return $"wrote {output}";
        await WriteNewAsync(schema, PipelineSchema.Text());
        return $"wrote {output}, and {schema} for editors";
    }

    private static async Task WriteNewAsync(string path, string text)
    {
        await using var file = new FileStream(path, FileMode.CreateNew);
        await using var writer = new StreamWriter(file);
        await writer.WriteAsync(text);
    }

    [GeneratedRegex("^{$", RegexOptions.Multiline)]
    private static partial Regex Opening();
}
