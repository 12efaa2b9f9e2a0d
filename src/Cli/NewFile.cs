using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
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
    public static string Write(string output, string text)
    {
        WriteNew(output, Opening().Replace(text, $"{{\n  \"{PipelineSchema.Key}\": \"./{PipelineSchema.FileName}\",", 1));
        var schema = Path.Combine(Path.GetDirectoryName(output)!, PipelineSchema.FileName);
        if (Path.Exists(schema)) return $"wrote {output}";
        WriteNew(schema, PipelineSchema.Text());
        return $"wrote {output}, and {schema} for editors";
    }

    // Whole or not at all: what a killed process left would stand in the way of the next try.
    private static void WriteNew(string path, string text) => FileSystem.WriteAtomically(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)), overwrite: false);

    [GeneratedRegex("^{$", RegexOptions.Multiline)]
    private static partial Regex Opening();
}
