using System.CommandLine;
using LmmRec.Cli.Monitoring;

namespace LmmRec.Cli.Commands;

/// <summary><c>--dry-run</c> of a command, which says what the command would do; each command has something else to say.</summary>
internal sealed class DryRunOption : Option<bool>
{
    /// <param name="description">what is said</param>
    /// <param name="does">what the command does not do then, such as <c>fetches nothing</c></param>
    /// <param name="without">the command's options that therefore have no effect</param>
    public DryRunOption(string description, string does, params IReadOnlyList<Option> without) : base("--dry-run")
    {
        Description = description;
        Validators.Add(result =>
        {
            foreach (var option in without.Concat(MonitoringOptions.OfRuns).Where(option => !result.Implicit && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name}: is not used, since --dry-run {does}; leave one of them out");
        });
    }
}
