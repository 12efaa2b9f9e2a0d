using System.CommandLine;
using LmmRec.Cli.Schema;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec schema</c>: what editors complete and check a configuration by.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Prints the JSON Schema of a configuration, by which editors complete and check it.");
        command.SetAction(async (_, _) =>
        {
            await Console.Out.WriteAsync(PipelineSchema.Text());
            return ExitCode.Done;
        });
        return command;
    }
}
