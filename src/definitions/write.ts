/**
 * A definition as YAML that readDefinition reads back as the same: what YAML would take for a number, or would write by
 * an alias, is written out.
 */
export async function yamlText(definition: object): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(definition, { aliasDuplicateObjects: false });
}
