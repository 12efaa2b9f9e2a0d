using System.CommandLine;
using System.Globalization;

namespace LmmRec.Cli.Commands;

/// <summary>An option whose value is a whole number in a range.</summary>
internal sealed class WholeNumberOption : Option<int>
{
    public WholeNumberOption(string name, string description, int least, int most, int? byDefault) : base(name)
    {
        Description = description;
        HelpName = "N";
        if (byDefault is { } value) DefaultValueFactory = _ => value;
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
            result.AddError($"{name} {text}: is not a whole number{(least == int.MinValue ? "" : $" from {least} to {most}")}");
            return default;
        };
    }
}
