/** `input_ids:1x8,'in:0':2x3` -> shapes by name. */
export function parseShapes(text) {
  const shapes = {};
  for (const [, quoted, plain, sizes] of text.matchAll(/(?:'([^']*)'|([^:,']+)):([\dx]+)(?:,|$)/g)) {
    shapes[quoted ?? plain] = sizes.split('x').map(Number);
  }
  return shapes;
}

/** Profiles as the options give them, checked against the inputs of the network as the builder does. */
export function checkProfiles(order, inputs, { warning, fail }) {
  const given = [{}];
  let current = 0;
  for (const [option, value] of order) {
    if (option === 'profile') {
      current = Number(value);
      while (given.length <= current) given.push({});
    }
    const point = { minShapes: 'min', optShapes: 'opt', maxShapes: 'max' }[option];
    if (point) given[current][point] = parseShapes(value);
  }
  return given.map(({ min, opt, max }, index) => {
    const profile = {};
    for (const name of Object.keys({ ...min, ...opt, ...max })) {
      if (inputs.some(input => input.name === name)) continue;
      fail(
        `Cannot find input tensor with name "${name}" in the network inputs! Please make sure the input tensor names are correct.`,
        'Network And Config setup failed',
        'Building engine failed',
      );
    }
    for (const { name, shape } of inputs) {
      if (shape.every(dim => typeof dim === 'number')) continue;
      let sizes = { min: min?.[name], opt: opt?.[name], max: max?.[name] };
      if (Object.values(sizes).every(point => point === undefined)) {
        const ones = shape.map(dim => (typeof dim === 'number' ? dim : 1));
        warning(
          `Dynamic dimensions required for input: ${name}, but no shapes were provided. Automatically overriding shape to: ${ones.join('x')}`,
        );
        sizes = { min: ones, opt: ones, max: ones };
      }
      const points = Object.values(sizes);
      const isSound =
        points.every(point => point?.length === shape.length) &&
        shape.every((dim, axis) => {
          const [least, usual, most] = points.map(point => point[axis]);
          return least <= usual && usual <= most && (typeof dim !== 'number' || (least === dim && most === dim));
        });
      if (!isSound) {
        fail(
          `[TRT] 4: Error Code 4: API Usage Error (${name}: optimization profile ${index} is not valid: kMIN <= kOPT <= kMAX does not hold)`,
          'Engine could not be created from network',
        );
      }
      profile[name] = sizes;
    }
    return profile;
  });
}
